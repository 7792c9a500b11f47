package results

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/sizes"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Parameter is one thing that a cell fixes; see [Declared].
type Parameter = parameter.Of[Cell]

// What numbers may be. A million producers take some gigabytes of goroutine stacks; more
// would measure the memory of the machine.
const (
	mostProducers = 1_000_000
	mostBatch     = 1 << 20
	mostPayload   = 64 << 20
	mostThreads   = 4096
	mostBusy      = 4096
	mostProcesses = 512 // each has a runtime of its own: a few megabytes
	mostTime      = float64(time.Hour)
	mostOverload  = 1000
	mostMesh      = 512 // each is a producer of all others: a quarter of a million
	mostZipf      = 10  // at which the second producer sends a thousandth of what the first does
)

func upTo(most float64) []parameter.Limit { return between(0, most) }
func between(least, most float64) []parameter.Limit {
	return []parameter.Limit{{Least: least, Most: most}}
}

func isLoad(c Cell, _ parameter.Traits) bool  { return c.IsLoad() }
func isOpen(c Cell, _ parameter.Traits) bool  { return c.IsOpen() }
func hasSink(c Cell, _ parameter.Traits) bool { return c.Sink != "" }

// hasPayload reports whether an item of a load carries something besides itself.
func hasPayload(c Cell, _ parameter.Traits) bool { return c.Payload != MinPayload }

// declared is the table of parameters, in the order of labels. A new one is a
// declaration here, a field of [Cell], and the code that acts on it.
var declared = []Parameter{
	{
		Name: "producers", Section: "load", Kind: parameter.Count, List: true, Role: parameter.Extent, Nesting: 40, Quick: 4,
		Usage:   "`counts` of producers: 1,4,16 or 1..64 (doubling)",
		One:     "`count` of producers",
		Fields:  func(c *Cell) []any { return []any{&c.Producers} },
		Limits:  between(1, mostProducers),
		Default: "1,4,16,64,256,1000",
		AtRest:  true,
	},
	{
		Name:   "machine",
		Fields: func(c *Cell) []any { return []any{&c.Machine} },
	},
	{
		Name: "kind", Role: parameter.Offer,
		Fields: func(c *Cell) []any { return []any{&c.Kind} },
		Words:  []string{KindSearch, KindProbe},
		Noun:   "kind of cell",
	},
	{
		Name: "arrival", Section: "load", List: true, Nesting: 10,
		Usage:    "`kinds` of arrival: closed (as fast as possible), constant, poisson, burst",
		One:      "`kind` of arrival at --rate: constant, poisson, burst",
		Fields:   func(c *Cell) []any { return []any{&c.Arrival} },
		Words:    Arrivals(),
		Noun:     "arrival",
		Default:  ArrivalClosed,
		Concerns: isLoad,
		Check:    checkArrival,
	},
	{
		Name: "rate", Section: "load", Kind: parameter.Rate, List: true, Role: parameter.Offer, Nesting: 20, Quick: 3,
		Usage:    "`rates` of open loops in messages per second of all producers together: 200k or 10k..1M (doubling)",
		One:      "`rate` in messages per second of all producers together, as in 200k (default: as fast as possible)",
		Fields:   func(c *Cell) []any { return []any{&c.Rate} },
		Limits:   upTo(units.MostRate),
		Concerns: isOpen,
		Check:    checkRate,
	},
	{
		Name: "load", Section: "load", Kind: parameter.Number, List: true, Role: parameter.Offer, Nesting: 20, Or: "rate", Quick: 3, Unasked: true,
		Usage:    "`shares` of the saturation rate to offer; a search finds that rate first",
		Fields:   func(c *Cell) []any { return []any{&c.Load} },
		Limits:   upTo(mostOverload),
		Concerns: isOpen,
	},
	{
		Name: "load-of", Section: "load", Role: parameter.Offer, Nesting: 15,
		Usage:    "`own|baseline`: a load is a share of the saturation rate of each strategy, or of the baseline, the same rate for all strategies",
		Fields:   func(c *Cell) []any { return []any{&c.LoadOf} },
		Words:    LoadsOf(),
		Noun:     "saturation rate",
		Absent:   LoadOfOwn,
		Concerns: isOpen,
	},
	{
		Name: "overload", Section: "load", Kind: parameter.Number, Role: parameter.Offer, Nesting: 25, Unasked: true,
		Usage:    "multiply the rate by this `factor` in the middle fifth of a trial",
		Fields:   func(c *Cell) []any { return []any{&c.Overload} },
		Limits:   upTo(mostOverload),
		Concerns: isOpen,
		Check:    checkOverload,
	},
	{
		Name: "hot-share", Section: "load", Kind: parameter.Number, List: true, Nesting: 30,
		Usage:  "`shares` of all messages that one producer sends; the other producers divide the rest equally",
		One:    "`share` of all messages that one producer sends; the other producers divide the rest equally",
		Fields: func(c *Cell) []any { return []any{&c.HotShare} },
		Limits: upTo(1),
		Check:  checkShares,
	},
	{
		Name: "zipf", Section: "load", Kind: parameter.Number, List: true, Nesting: 30, Or: "hot-share",
		Usage:  "`exponents` of a Zipf distribution: producer n sends 1/n^exponent of the messages of producer 1",
		One:    "`exponent` of a Zipf distribution: producer n sends 1/n^exponent of the messages of producer 1",
		Fields: func(c *Cell) []any { return []any{&c.Zipf} },
		Limits: upTo(mostZipf),
	},
	{
		Name: "burst-period", Section: "load", Kind: parameter.Time,
		Usage:    "`duration` between two bursts of arrival burst (0: 100ms)",
		Fields:   func(c *Cell) []any { return []any{&c.BurstPeriodNs} },
		Limits:   upTo(mostTime),
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.Arrival == ArrivalBurst },
		Check:    checkBursts,
	},
	{
		Name: "pause", Section: "load", Kind: parameter.TimePerCount,
		Usage:    "`duration/count`, as in 1ms/1000: a producer of a closed loop sleeps 1ms after every 1000 messages",
		Fields:   func(c *Cell) []any { return []any{&c.PauseNs, &c.PauseEvery} },
		Limits:   append(upTo(mostTime), upTo(maxCount)...),
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.IsClosed() },
		Check:    checkPause,
		Text:     Cell.pause,
	},
	{
		Name: "sharing", Section: "load", List: true, Nesting: 33,
		Usage: "`handle|open|shared`: each producer opens a handle for its life, or another one for each --lifetime items; " +
			"or all producers send through one Sender",
		Fields: func(c *Cell) []any { return []any{&c.Sharing} },
		Words:  Sharings(),
		Noun:   "sharing",
		Absent: SharingHandle,
		Check:  checkSharing,
	},
	{
		Name: "window", Section: "load", Kind: parameter.Count, List: true, Nesting: 34, Quick: 2,
		Usage: "`counts` of messages that a producer may have without a reply; the consumer replies to each, " +
			"and with 1 a send returns when its message has its reply (0: no replies)",
		One: "`count` of messages that a producer may have without a reply; the consumer replies to each, " +
			"and with 1 a send returns when its message has its reply (0: no replies)",
		Fields:   func(c *Cell) []any { return []any{&c.Window} },
		Limits:   upTo(mostBatch),
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.IsClosed() },
		Check:    checkWindow,
	},
	{
		Name: "mesh", Section: "load", Kind: parameter.Count, List: true, Nesting: 35, Quick: 2, Unasked: true,
		Usage: "`counts` of fan-ins that each message passes, in an order of its producer's own, before it reaches the consumer; " +
			"the consumer of each is a producer of all others (0: none). It needs --window",
		Fields:   func(c *Cell) []any { return []any{&c.Mesh} },
		Limits:   upTo(mostMesh),
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.Window > 0 },
		Check:    checkMesh,
	},
	{
		Name: "lifetime", Section: "load", Kind: parameter.Count, List: true, Nesting: 36, Quick: 2,
		Usage: "`counts` of items after which a producer's goroutine ends and a new one takes its place; with --sharing open the goroutine " +
			"lives on and opens a new handle (0: it lives for the whole trial)",
		One: "`count` of items after which a producer's goroutine ends and a new one takes its place; with --sharing open the goroutine " +
			"lives on and opens a new handle (0: it lives for the whole trial)",
		Fields: func(c *Cell) []any { return []any{&c.Lifetime} },
		Limits: upTo(maxCount),
		Axis:   &parameter.Axis{Question: "How long must a producer live?", Label: "items of a producer's life"},
	},
	{
		Name: "producer-cost", Section: "load", Kind: parameter.Time, List: true, Nesting: 37, Quick: 3,
		Usage:  "`durations` that a producer computes after each message, before it sends the next one",
		One:    "`duration` that a producer computes after each message, before it sends the next one",
		Fields: func(c *Cell) []any { return []any{&c.ProducerCostNs} },
		Limits: upTo(mostTime),
		Axis:   &parameter.Axis{Question: "How much work of the producers hides the fan-in?", Label: "work of a producer per message", FromZero: true},
	},
	{
		Name: "consumer-cost", Section: "consumer", Kind: parameter.Time, List: true, Nesting: 38, Quick: 3,
		Usage:  "`durations` that the consumer spends on each message",
		One:    "`duration` that the consumer spends on each message",
		Fields: func(c *Cell) []any { return []any{&c.ConsumerCostNs} },
		Limits: upTo(mostTime),
		Check:  checkConsumer,
		Axis:   &parameter.Axis{Question: "How much work of the consumer hides the fan-in?", Label: "work of the consumer per message", FromZero: true},
	},
	{
		Name: "batch-cost", Section: "consumer", Kind: parameter.Time,
		Usage:  "`duration` that the consumer spends on each receive, in addition",
		Fields: func(c *Cell) []any { return []any{&c.BatchCostNs} },
		Limits: upTo(mostTime),
	},
	{
		Name: "cost-kind", Section: "consumer", Nesting: 2000,
		Usage:    "`spin|sleep`: the consumer computes for --consumer-cost and --batch-cost, or sleeps as it would for I/O",
		Fields:   func(c *Cell) []any { return []any{&c.CostKind} },
		Words:    CostKinds(),
		Noun:     "kind",
		Absent:   CostSpin,
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.ConsumerCostNs+c.BatchCostNs > 0 || !c.Stages.IsZero() },
	},
	{
		Name: "stages", Section: "consumer", Kind: parameter.Times, Unasked: true,
		Usage:  "`durations` that the stages of a pipeline of fan-ins spend on each message, as in 10ms,50ms,20ms; the last stage is the consumer",
		Fields: func(c *Cell) []any { return []any{&c.Stages} },
		Limits: upTo(mostTime), // each stage
		Check:  checkStages,
	},
	{
		Name: "sink", Section: "consumer", List: true, Nesting: 140,
		Usage:  "`kinds` of sink that the consumer writes to: " + sinkTable(),
		One:    "`kind` of sink that the consumer writes to: " + sinkTable(),
		Fields: func(c *Cell) []any { return []any{&c.Sink} },
		Words:  Sinks(),
		Noun:   "sink",
		Absent: SinkDiscard,
	},
	{
		Name: "sink-write", Section: "consumer", List: true, Nesting: 150,
		Usage:    "`message|batch`: the consumer writes one message at a time, or all messages of a receive",
		Fields:   func(c *Cell) []any { return []any{&c.SinkWrite} },
		Words:    SinkWrites(),
		Noun:     "write",
		Default:  WriteMessage,
		Concerns: hasSink,
	},
	{
		Name: "sink-frame", Section: "consumer", List: true, Nesting: 160,
		Usage:    "`item|byte`: the consumer writes whole messages, or one byte of each (the sequence number modulo 255)",
		Fields:   func(c *Cell) []any { return []any{&c.SinkFrame} },
		Words:    SinkFrames(),
		Noun:     "frame",
		Absent:   FrameItem,
		Concerns: hasSink,
	},
	{
		Name: "stall", Section: "consumer", Kind: parameter.TimePerTime, Role: parameter.Disturbance, Unasked: true,
		Usage:    "`duration/period`, as in 50ms/500ms: the consumer sleeps 50ms in every 500ms",
		Fields:   func(c *Cell) []any { return []any{&c.StallNs, &c.StallEveryNs} },
		Limits:   append(upTo(mostTime), upTo(mostTime)...),
		Concerns: isLoad,
		Text:     Cell.stall,
	},
	{
		Name: "busy", Section: "run", Kind: parameter.Count, List: true, Nesting: 180, Quick: 3,
		Usage:  "`counts` of neighbours: goroutines that compute in a trial's process beside the fan-in (0: none)",
		One:    "`count` of neighbours: goroutines that compute in the same process",
		Fields: func(c *Cell) []any { return []any{&c.Busy} },
		Limits: upTo(mostBusy),
		Check:  checkBusy,
		Axis:   &parameter.Axis{Question: "Which strategies hold up beside busy neighbours?", Label: "busy neighbours", FromZero: true},
	},
	{
		Name: "busy-kind", Section: "run", List: true, Nesting: 190, Quick: 1,
		Usage:    "`spin|alloc`: neighbours compute, or also allocate, which starts the garbage collector",
		Fields:   func(c *Cell) []any { return []any{&c.BusyKind} },
		Words:    BusyKinds(),
		Noun:     "kind",
		Absent:   BusySpin,
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.Busy > 0 },
	},
	{
		Name: "payload", Section: "items", Kind: parameter.Size, List: true, Nesting: 50, Quick: 3,
		Usage: "`sizes` of a message in bytes: 8,1KiB,64k or 64..64KiB (doubling); 8 is a word without a payload; " +
			sizes.Forms + " mixes sizes up to 1 MiB",
		One:     "`size` of an item in bytes, as in 8 or 1KiB, or " + sizes.Forms,
		Fields:  func(c *Cell) []any { return []any{&c.Payload, &c.PayloadMix} },
		Limits:  between(MinPayload, mostPayload),
		Default: strconv.Itoa(MinPayload),
		AtRest:  true,
		Check:   checkMix,
		Text:    Cell.payload,
		Axis:    &parameter.Axis{Question: "What do large messages cost?", Label: "bytes per item"},
	},
	{
		Name: "item", Section: "items", List: true, Nesting: 60,
		Usage:    "`pointer|value`: an item points to its payload, or holds it (64, 1024, 16384 or 65536 bytes)",
		Fields:   func(c *Cell) []any { return []any{&c.Item} },
		Words:    Items(),
		Noun:     "item",
		Absent:   ItemPointer,
		Concerns: func(c Cell, t parameter.Traits) bool { return hasPayload(c, t) && c.PayloadMix == "" },
	},
	{
		Name: "allocation", Section: "items", List: true, Nesting: 70,
		Usage:  "`slab|fresh`: payloads behind a pointer are cut from slabs of 64 KiB, or allocated one by one",
		Fields: func(c *Cell) []any { return []any{&c.Allocation} },
		Words:  Allocations(),
		Noun:   "allocation",
		Absent: AllocationSlab,
		Concerns: func(c Cell, t parameter.Traits) bool {
			return hasPayload(c, t) && c.Item == "" && c.Payload < SlabBytes && c.PayloadMix == ""
		},
	},
	{
		Name: "send-batch", Section: "load", Kind: parameter.Count, List: true, Nesting: 110,
		Usage:   "`counts` of items per send",
		One:     "`count` of items per send; not with --rate, which sends each item when it is due",
		Fields:  func(c *Cell) []any { return []any{&c.SendBatch} },
		Limits:  between(1, mostBatch),
		Default: "1",
		AtRest:  true,
		Check:   checkSendBatch,
		Axis:    &parameter.Axis{Question: "What is gained by sending several at a time?", Label: "items per send call"},
	},
	{
		Name: "send-by", Section: "load", List: true, Nesting: 113, Unasked: true,
		Usage:    "`call|writer`: a producer of a closed loop sends --send-batch items by a call, or puts each into a Writer that collects that many",
		Fields:   func(c *Cell) []any { return []any{&c.SendBy} },
		Words:    SendsBy(),
		Noun:     "way to send",
		Absent:   SendByCall,
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.IsClosed() },
		Check:    checkWriter,
	},
	{
		Name: "recv-by", Section: "consumer", List: true, Nesting: 116, Unasked: true,
		Usage: "`call|reader|ready`: the consumer receives into a buffer; takes each item from a Reader, which reads ahead " +
			"(--recv-batch is then 1); or receives until there is nothing and waits for Ready in a select",
		Fields: func(c *Cell) []any { return []any{&c.RecvBy} },
		Words:  RecvsBy(),
		Noun:   "way to receive",
		Absent: RecvByCall,
		Check:  checkReader,
	},
	{
		Name: "recv-batch", Section: "consumer", Kind: parameter.Count, List: true, Nesting: 120,
		Usage:   "largest `counts` of items per receive",
		One:     "largest `count` of items per receive",
		Fields:  func(c *Cell) []any { return []any{&c.RecvBatch} },
		Limits:  between(1, mostBatch),
		Default: "256",
		AtRest:  true,
		Axis:    &parameter.Axis{Question: "What is gained by receiving several at a time?", Label: "items per receive, at most"},
	},
	{
		Name: "batch-deadline", Section: "consumer", Kind: parameter.Time, List: true, Nesting: 130,
		Usage:  "`durations` for which a receive collects items, from the first one up to --recv-batch (0: it does not wait for more)",
		One:    "`duration` for which a receive collects items, from the first one up to --recv-batch (0: it does not wait for more)",
		Fields: func(c *Cell) []any { return []any{&c.BatchDeadlineNs} },
		Limits: upTo(mostTime),
	},
	{
		Name: "gomaxprocs", Section: "run", Kind: parameter.Count, List: true, Nesting: 170,
		Usage:   "`counts` of threads that run Go code (0: one per core)",
		One:     "`count` of threads that run Go code (0: one per core)",
		Fields:  func(c *Cell) []any { return []any{&c.GOMAXPROCS} },
		Limits:  upTo(mostThreads),
		Default: "0",
		AtRest:  true,
		Check:   checkThreads,
		Axis:    &parameter.Axis{Question: "What is gained by more processors?", Label: "GOMAXPROCS"},
	},
	{
		Name: "slice", Section: "run", Kind: parameter.Time, Nesting: 185, Unasked: true,
		Usage:    "`duration` of a slice, in which trials take turns (0: 32ms, or a seventh of a shorter trial)",
		Fields:   func(c *Cell) []any { return []any{&c.SliceNs} },
		Limits:   upTo(mostTime),
		Concerns: func(c Cell, _ parameter.Traits) bool { return c.IsClosed() && c.Messages == 0 && c.Busy == 0 },
	},
	{
		Name: "capacity", Section: "queue", Kind: parameter.Capacity, List: true, Role: parameter.Choice, Nesting: 80,
		Usage:    "`capacities` of bounded strategies in items (0: their default); 1024/producer is for each producer, 1024/total for all together",
		One:      "`capacity` of bounded strategies in items; 1024/producer is for each producer, 1024/total for all together (default: their own)",
		Fields:   func(c *Cell) []any { return []any{&c.Capacity, &c.CapacityOf} },
		Limits:   upTo(maxParameter),
		Words:    CapacityCounts(),
		Noun:     "count",
		Default:  "0",
		Concerns: func(_ Cell, t parameter.Traits) bool { return t.Capacity },
		AtRest:   true,
		Text:     Cell.capacity,
		Axis:     &parameter.Axis{Question: "How large a buffer is large enough?", Label: "capacity, items"},
	},
	{
		Name: "capacity-bytes", Section: "queue", Kind: parameter.Size, List: true, Role: parameter.Choice, Nesting: 85, Unasked: true,
		Usage: "`sizes` in bytes that the payloads of all waiting items have together at most, besides --capacity (0: any size); " +
			"a bound per producer gives each producer an equal share",
		Fields:   func(c *Cell) []any { return []any{&c.CapacityBytes} },
		Limits:   upTo(maxParameter),
		Concerns: func(c Cell, t parameter.Traits) bool { return hasPayload(c, t) && t.Weight },
		Text:     Cell.capacityBytes,
	},
	{
		Name: "policy", Section: "queue", List: true, Role: parameter.Choice, Nesting: 90, Unasked: true,
		Usage:    "overflow `policies` of bounded strategies: %s",
		Fields:   func(c *Cell) []any { return []any{&c.Policy} },
		Noun:     "policy",
		Concerns: func(_ Cell, t parameter.Traits) bool { return t.Full },
		AtRest:   true,
	},
	{
		Name: "lanes", Section: "queue", Kind: parameter.Count, List: true, Role: parameter.Choice, Nesting: 100, Unasked: true,
		Usage:    "`counts` of lanes that the producers share (0: one lane per producer)",
		Fields:   func(c *Cell) []any { return []any{&c.Lanes} },
		Limits:   upTo(maxParameter),
		Concerns: func(_ Cell, t parameter.Traits) bool { return t.Lanes },
		AtRest:   true,
		Axis:     &parameter.Axis{Question: "How many lanes are enough?", Label: "lanes"},
	},
	{
		Name: "processes", Section: "load", Kind: parameter.Count, List: true, Role: parameter.Choice, Nesting: 105, Quick: 2,
		One: "`count` of processes that the producers are shared out among; over 1: of strategies of --program that leave the process",
		Usage: "`counts` of processes that the producers are shared out among, of strategies that leave the process: 1,4,16; " +
			"the producers of others are in the process of the consumer",
		Fields:   func(c *Cell) []any { return []any{&c.Processes} },
		Limits:   upTo(mostProcesses),
		Default:  "1",
		Concerns: func(_ Cell, t parameter.Traits) bool { return t.Processes },
		AtRest:   true,
		Check:    checkProcesses,
	},
	{
		Name: "messages", Kind: parameter.Count, Role: parameter.Repetition,
		Fields: func(c *Cell) []any { return []any{&c.Messages} },
		Limits: upTo(maxCount),
	},
	{
		Name: "duration", Kind: parameter.Time, Role: parameter.Repetition,
		Fields: func(c *Cell) []any { return []any{&c.DurationNs} },
		Limits: upTo(mostTime),
	},
}

// Declared returns the table of parameters, in the order of labels.
func Declared() []Parameter { return declared }

// Parameters lists what a cell fixes besides the strategy and the producers, in the order
// of labels. The number of messages and the duration are not among them: they say for
// how long a cell was watched, not under which conditions.
func Parameters() []Parameter {
	return slices.DeleteFunc(slices.Clone(declared), func(p Parameter) bool {
		return p.Role == parameter.Extent || p.Role == parameter.Repetition
	})
}

// WithParameter calls f while the table has one more parameter. It is for tests of what
// derives from the table: nothing else may use the table meanwhile.
func WithParameter(p Parameter, f func()) {
	before := declared
	defer func() { declared = before }()
	declared = append(slices.Clone(declared), p)
	f()
}

const machineName = "machine"

// FieldError is a bad value of a parameter of a cell or of a scenario, by the name of its flag.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the value.
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrorf returns a FieldError with a formatted reason.
func FieldErrorf(field, format string, args ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// Varying returns the parameters in which two cells of the same strategy and
// number of producers differ: those that a label has to name.
func Varying(cells []Cell) []Parameter {
	type point struct {
		strategy  string
		producers int
	}
	var varying []Parameter
	for _, p := range Parameters() {
		first := map[point]string{}
		for _, c := range cells {
			at := point{c.Strategy, c.Producers}
			if p.Name == machineName {
				at = point{} // machines are kept apart, also where they measured different cells
			}
			value, seen := first[at]
			if seen && value != p.Value(c) {
				varying = append(varying, p)
				break
			}
			first[at] = p.Value(c)
		}
	}
	return varying
}
