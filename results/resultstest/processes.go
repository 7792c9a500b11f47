package resultstest

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// Beyond describes every second strategy from the fourth on as one that leaves the process, and
// that before it as what stays in it, by names as those of bin/remote.
func Beyond(s *results.Strategy) {
	names := []string{3: "bytes-chan", 4: "remote-shm", 5: "bytes-ring", 6: "remote-unix"}
	if s.Index >= len(names) || names[s.Index] == "" {
		return
	}
	s.Name, s.Family, s.Delivery = names[s.Index], "", results.DeliveryAtMostOnce
	s.Processes = s.Index%2 == 0
	if s.Name == "remote-shm" {
		s.Delivery, s.Survives = results.DeliveryAtLeastOnce, []string{results.RoleProducer, results.RoleConsumer}
	}
}

// spread returns a cell under each payload and, of a strategy that leaves the process, with
// each number of processes.
func (c Config) spread(s results.Strategy, cell results.Cell) []results.Cell {
	counts := []int{0}
	if s.Processes && len(c.Processes) > 0 {
		counts = c.Processes
	}
	payloads := c.Payloads
	if payloads == nil {
		payloads = []int{cell.Payload}
	}
	var cells []results.Cell
	for _, cell.Payload = range payloads {
		for _, cell.Processes = range counts {
			cells = append(cells, cell)
		}
	}
	return cells
}

// carry makes up what bytes cost, and a way between processes: most for small messages that
// cross by a socket.
func (k maker) carry(m *results.Measurement, s *results.Strategy) {
	slower := 1 + float64(k.cell.Payload)/500
	if k.cell.Processes > 0 {
		slower *= 1.5 + 0.1*float64(k.cell.Processes)
	}
	if k.cell.IsClosed() {
		m.ElapsedNs = int64(float64(m.ElapsedNs) * slower)
	}
	m.CPUNs = int64(1.4 * float64(m.ElapsedNs) * math.Exp(0.02*k.rng.NormFloat64()))
	for _, times := range []**histogram.Histogram{&m.Transit, &m.Response} {
		if *times != nil && k.cell.Processes > 0 {
			longer := histogram.New()
			for _, bar := range (*times).Distribution() {
				if bar.Count > 0 {
					longer.RecordMany(int64(float64(bar.From)*3), bar.Count)
				}
			}
			*times = longer
		}
	}
	if k.cell.Processes == 0 {
		return
	}
	m.PeakBytes = 12 << 20
	m.Processes = []results.Process{
		{Role: results.RoleProducer, Count: k.cell.Processes, CPUNs: m.CPUNs / 2, PeakBytes: 8 << 20},
		{Role: results.RoleConsumer, Count: 1, CPUNs: m.CPUNs - m.CPUNs/2, PeakBytes: 4 << 20},
	}
	if s.Delivery == results.DeliveryAtLeastOnce {
		m.Duplicated, m.Late, m.Confirmed = new(int64(3)), new(int64(1)), new(m.Attempted)
	}
}
