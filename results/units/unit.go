package units

// Unit is what the numbers of a quantity count, and how they are written for people.
type Unit struct {
	Key  string               // ends the names of numbers in files: "msgs_per_s"
	Text func(float64) string // with the unit: "12.3 M msg/s"

	// In a column and on an axis the unit is in the heading, and numbers are divided by
	// Scale.
	Heading string
	Scale   float64
	Short   func(float64) string
}

// The units of all that is measured.
var (
	Rates = Unit{Key: "msgs_per_s", Text: PerSecond, Heading: "million messages per second", Scale: 1e6, Short: Millions}
	Times = Unit{Key: "ns", Text: Nanoseconds, Scale: 1, Short: Nanoseconds}
	Sizes = Unit{Key: "bytes", Text: Bytes, Scale: 1, Short: Bytes}
	Flows = Unit{Key: "bytes_per_s", Text: Bytes, Scale: 1, Short: Bytes}
	// Ratios are a share, an index, or so many of something for each message.
	Ratios = Unit{Text: Significant, Scale: 1, Short: Significant}
	// Counts are of messages, waiting or handled.
	Counts = Unit{Text: Significant, Heading: "items", Scale: 1, Short: Significant}
	// CPUShares are of one processor.
	CPUShares = Unit{Key: "cpu_share", Text: IdleCPU, Scale: 1, Short: IdleCPU}
)
