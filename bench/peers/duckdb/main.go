// Command duckdb answers the benchmarks' questions about facts with DuckDB: it
// loads the CSV named on its command line and reads questions, one number a
// line, from standard input.
package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"time"

	_ "github.com/marcboeker/go-duckdb"
)

// questions are the same that the ledger is asked, by number.
var questions = []string{
	// a year by county, theme and month
	`SELECT county, d1, substr(day, 1, 7) AS month, COUNT(*) FROM fact WHERE stream = 'engagement.delivery'
		AND day >= '2024-01-01' AND day <= '2024-12-31' GROUP BY ALL`,
	// different enterprises by county and month, over the decade
	`SELECT county, substr(day, 1, 7) AS month, COUNT(DISTINCT enterprise) FROM fact WHERE stream = 'engagement.delivery' GROUP BY ALL`,
	// different enterprises in the city, in a year
	`SELECT COUNT(DISTINCT enterprise) FROM fact WHERE stream = 'engagement.delivery' AND day >= '2024-01-01' AND day <= '2024-12-31'`,
	// enterprises on the register at the end of a year, by county and size
	`SELECT county, d2, COUNT(*) FROM (SELECT * FROM fact WHERE stream = 'enterprise.standing' AND day <= '2024-12-31'
		QUALIFY ROW_NUMBER() OVER (PARTITION BY enterprise ORDER BY day DESC, n DESC) = 1) WHERE quantity > 0 GROUP BY ALL`,
}

type answer struct {
	Nanos int64 `json:"nanos"`
	Rows  int   `json:"rows"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	d, err := sql.Open("duckdb", os.Args[2])
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.Exec(`CREATE TABLE IF NOT EXISTS fact (stream TEXT, day TEXT, town TEXT, county TEXT, enterprise INTEGER, institution INTEGER,
		d1 TEXT, d2 TEXT, d3 TEXT, d4 TEXT, quantity BIGINT, amount BIGINT, n BIGINT)`); err != nil {
		return err
	}
	var have int64
	if err := d.QueryRow("SELECT COUNT(*) FROM fact").Scan(&have); err != nil {
		return err
	}
	if have == 0 {
		if _, err := d.Exec(`INSERT INTO fact SELECT *, row_number() OVER () FROM read_csv(?, header = false, delim = ',', columns = {
			'stream': 'VARCHAR', 'day': 'VARCHAR', 'town': 'VARCHAR', 'county': 'VARCHAR', 'enterprise': 'INTEGER', 'institution': 'INTEGER',
			'd1': 'VARCHAR', 'd2': 'VARCHAR', 'd3': 'VARCHAR', 'd4': 'VARCHAR', 'quantity': 'BIGINT', 'amount': 'BIGINT'})`, os.Args[1]); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(answer{}); err != nil { // ready
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var n int
		if _, err := fmt.Sscan(lines.Text(), &n); err != nil {
			return err
		}
		began := time.Now()
		rows, err := d.Query(questions[n])
		if err != nil {
			return err
		}
		count := 0
		for rows.Next() {
			count++
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if err := out.Encode(answer{time.Since(began).Nanoseconds(), count}); err != nil {
			return err
		}
	}
	return lines.Err()
}
