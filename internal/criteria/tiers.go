package criteria

// Tiers grade something by several metrics: each metric has floors for the
// tiers, and the whole is the lowest grade of all (须同时满足，否则下划一档).
type Tiers struct {
	Order   []string `json:"order"` // the lowest first: 微型 小型 中型 大型
	Metrics []Metric `json:"metrics"`
}

// Metric is one measure with a floor for each tier but the lowest, rising.
type Metric struct {
	Input  string    `json:"input"`
	Name   Words     `json:"name"`
	Unit   Words     `json:"unit,omitzero"`
	Floors []float64 `json:"floors"`
}

// Grade is the answer of tiers.
type Grade struct {
	Tier    string // empty when a missing metric could still change it
	AtMost  string // the tier it cannot exceed, from what is known
	Metrics []MetricGrade
}

// MetricGrade is one metric's part in a grade.
type MetricGrade struct {
	Metric *Metric
	Got    Value
	Tier   string  // empty when the value is not known
	Over   float64 // how far above the floor of its tier
	Short  float64 // how far below the floor of the next; 0 in the highest
}

// Grade grades the inputs. A missing metric leaves the tier open, unless another
// is already in the lowest.
func (t *Tiers) Grade(in Inputs) Grade {
	lowest, missing := len(t.Order)-1, false
	var g Grade
	for i := range t.Metrics {
		m := &t.Metrics[i]
		mg := MetricGrade{Metric: m, Got: in[m.Input]}
		if n, ok := mg.Got.Number(); ok {
			at := 0
			for at < len(m.Floors) && n >= m.Floors[at] {
				at++
			}
			mg.Tier = t.Order[at]
			if at > 0 {
				mg.Over = n - m.Floors[at-1]
			}
			if at < len(m.Floors) {
				mg.Short = m.Floors[at] - n
			}
			lowest = min(lowest, at)
		} else {
			missing = true
		}
		g.Metrics = append(g.Metrics, mg)
	}
	g.AtMost = t.Order[lowest]
	if !missing || lowest == 0 {
		g.Tier = t.Order[lowest]
	}
	return g
}
