package ui

func daysSamples(p P) []Sample {
	return []Sample{{"across New Year", Days(p, []DayBox{
		{On: Day("2008-12-31"), Kind: Past},
		{On: Day("2009-01-01"), Kind: Rest},
		{On: Day("2009-01-02"), Kind: Rest},
		{On: Day("2009-01-03"), Kind: Rest},
		{On: Day("2009-01-04"), Kind: Past, Work: true},
		{On: Day("2009-01-05"), Kind: Today},
		{On: Day("2009-01-06")},
		{On: Day("2009-01-07"), Kind: Due},
	})}}
}
