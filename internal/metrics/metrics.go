// Package metrics counts what the program does, for Prometheus (监控指标). It keeps
// a registry of its own and knows nothing of what is counted: internal/app says
// that. Labels are route patterns, statuses and the program's own words, never
// anything a person sent.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is one process's counts.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	underway prometheus.Gauge
}

// New makes the counts of a program of this version.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "qiban_requests_total", Help: "Requests answered, by route and status. The route is none for those turned away at the door.",
		}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qiban_request_seconds", Help: "How long answers took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route"}),
		underway: prometheus.NewGauge(prometheus.GaugeOpts{Name: "qiban_requests_in_flight", Help: "Requests being answered now."}),
	}
	built := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "qiban_build_info", Help: "Always 1; the label is the program's version.", ConstLabels: prometheus.Labels{"version": version},
	})
	built.Set(1)
	m.registry.MustRegister(m.requests, m.took, m.underway, built,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Observe counts an answered request.
func (m *Metrics) Observe(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// Underway counts the requests that next is answering.
func (m *Metrics) Underway(next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(m.underway, next)
}

// Value is one number under a name. What grows only is a counter, and its name
// ends in _total.
type Value struct {
	Name, Help string
	Grows      bool
	Labels     []string // name, value, name, value …
	Is         float64
}

// readLong bounds how long the numbers of one visit may take to read.
const readLong = 5 * time.Second

// Read asks read for numbers at each visit. When it fails, they are left out
// and qiban_unread says 1.
func (m *Metrics) Read(read func(context.Context) ([]Value, error)) {
	m.registry.MustRegister(reading(read))
}

type reading func(context.Context) ([]Value, error)

// Describe says nothing: what there is, is known when it is read.
func (reading) Describe(chan<- *prometheus.Desc) {}

// Collect reads the numbers.
func (read reading) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readLong)
	defer cancel()
	values, err := read(ctx)
	failed := 0.0
	if err != nil {
		failed = 1
	}
	values = append(values, Value{Name: "qiban_unread", Help: "1 when the numbers from the database could not be read.", Is: failed})
	for _, v := range values {
		labels := prometheus.Labels{}
		for i := 0; i+1 < len(v.Labels); i += 2 {
			labels[v.Labels[i]] = v.Labels[i+1]
		}
		kind := prometheus.GaugeValue
		if v.Grows {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(v.Name, v.Help, nil, labels), kind, v.Is)
	}
}

// Handler answers Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 2 * readLong})
}
