package results

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// SchemaVersion is the version of every file in a run directory. Readers
// refuse others.
const SchemaVersion = 1

// Cell is one combination of a strategy and the parameters it runs under. It is
// comparable: equal cells are repetitions of the same measurement.
type Cell struct {
	Strategy        string `json:"strategy"`
	Producers       int    `json:"producers"`
	Arrival         string `json:"arrival"`                                    // closed: each producer sends as fast as it can; see package harness
	Payload         int    `json:"payload_bytes"`                              // 8 is the bare word
	PayloadMix      string `json:"payload_mix,omitempty" column:"optional"`    // mixed sizes, of which Payload is the mean; absent: one size
	Item            string `json:"item,omitempty"`                             // how the payload is carried; absent: the item points to it
	Allocation      string `json:"allocation,omitempty"`                       // where it comes from; absent: many are cut from one
	Capacity        int    `json:"capacity,omitempty"`                         // items; absent for strategies without one
	CapacityOf      string `json:"capacity_of,omitempty"`                      // what Capacity counts; absent: what the strategy bounds
	CapacityBytes   int    `json:"capacity_bytes,omitempty" column:"optional"` // of payload, of all producers together; absent: only the items are bounded
	Policy          string `json:"policy,omitempty"`                           // absent for unbounded strategies
	Lanes           int    `json:"lanes,omitempty"`                            // absent: a lane per producer, or none at all
	SendBatch       int    `json:"send_batch"`                                 // items per send call
	RecvBatch       int    `json:"recv_batch"`                                 // items the receive buffer holds
	BatchDeadlineNs int64  `json:"batch_deadline_ns,omitempty"`                // a receive collects so long after its first item
	Messages        int64  `json:"messages,omitempty"`                         // in total; absent when the duration decides
	DurationNs      int64  `json:"duration_ns,omitempty"`
	GOMAXPROCS      int    `json:"gomaxprocs"`

	Kind string `json:"kind,omitempty"` // absent for a load; or KindSearch, KindProbe

	// Of open loops only. Rate is what all producers together offer; Load is a
	// share of the saturation rate that the run's own search cells found for this
	// strategy and number of producers. One of the two is set, unless the cell is
	// such a search itself, or a probe.
	Rate     float64 `json:"rate_msgs_per_s,omitempty"`
	Load     float64 `json:"load,omitempty"`
	LoadOf   string  `json:"load_of,omitempty" column:"optional"` // absent: of this strategy's rate; or LoadOfBaseline
	Overload float64 `json:"overload,omitempty"`                  // offer this many times as much for the middle fifth

	// How the load is shared out among the producers, where not evenly, and what
	// comes between its messages.
	HotShare      float64 `json:"hot_share,omitempty"`        // what the first producer sends of all; the others share the rest
	Zipf          float64 `json:"zipf_exponent,omitempty"`    // the n-th sends 1/n^exponent of what the first does
	BurstPeriodNs int64   `json:"burst_period_ns,omitempty"`  // between two bursts; absent: 100 ms
	PauseNs       int64   `json:"pause_ns,omitempty"`         // a producer sleeps so long
	PauseEvery    int64   `json:"pause_every_msgs,omitempty"` // ... after every so many messages

	Processes int `json:"processes,omitempty" column:"optional"` // that the producers are shared out among; absent: they are in the consumer's

	Window int `json:"window,omitempty" column:"optional"` // messages that a producer may have without a reply; absent: there are no replies
	Mesh   int `json:"mesh,omitempty" column:"optional"`   // fan-ins that each message passes before the consumer's; absent: none

	// What the producers send through, how long they live, and how both ends are called.
	Sharing  string `json:"sharing,omitempty" column:"optional"`       // absent: a handle each
	Lifetime int64  `json:"lifetime_msgs,omitempty" column:"optional"` // messages of a producer, or of its handle; absent: all that there are
	SendBy   string `json:"send_by,omitempty" column:"optional"`       // absent: by calls of Send or SendBatch
	RecvBy   string `json:"recv_by,omitempty" column:"optional"`       // absent: by calls of Recv

	ProducerCostNs int64  `json:"producer_cost_ns,omitempty" column:"optional"` // what a producer computes after each message
	ConsumerCostNs int64  `json:"consumer_cost_ns,omitempty"`                   // what the consumer takes per message
	BatchCostNs    int64  `json:"batch_cost_ns,omitempty"`                      // ... and per receive that returned messages
	CostKind       string `json:"cost_kind,omitempty"`                          // absent: the consumer spins meanwhile; or CostSleep
	Sink           string `json:"sink,omitempty"`                               // where the consumer writes what it received; absent: nowhere
	SinkWrite      string `json:"sink_write,omitempty"`                         // what it writes at a time; absent without a sink
	SinkFrame      string `json:"sink_frame,omitempty"`                         // what it writes of a message; absent: all of it
	Stages         Stages `json:"stages,omitzero"`                              // what each stage of a pipeline takes per message: 10ms+50ms
	StallNs        int64  `json:"stall_ns,omitempty"`                           // the consumer sleeps so long
	StallEveryNs   int64  `json:"stall_every_ns,omitempty"`                     // ... this often

	Busy     int    `json:"busy,omitempty"`      // neighbours: goroutines that compute in the trial's process all the while
	BusyKind string `json:"busy_kind,omitempty"` // absent: they compute and do nothing else; or BusyAlloc

	SliceNs int64 `json:"slice_ns,omitempty" column:"optional"` // how long a slice is to last; absent: as long as the program thinks right

	Machine string `json:"machine,omitempty"` // of a merged run: which of Manifest.Machines measured it
}

// Trial is one execution of one cell: a line of trials.ndjson. Exactly one of
// Failure and Measurement is set.
type Trial struct {
	Schema      int          `json:"schema"`
	Cell        Cell         `json:"cell"`
	Block       int          `json:"block"`    // which permutation of all cells, from 0; also the repetition
	Position    int          `json:"position"` // place within the block, from 0
	Seed        uint64       `json:"seed"`
	Started     time.Time    `json:"started"`
	WallNs      int64        `json:"wall_ns"` // the whole child process, but for its waits for its turns
	Failure     *Failure     `json:"failure,omitempty"`
	Measurement *Measurement `json:"measurement,omitempty"`
	Memory      *Memory      `json:"memory,omitempty"` // of the child, as its parent saw it, however it ended

	Build           string `json:"build,omitempty"`            // of the program that executed it, as that said: see Build.ID
	OtherConditions string `json:"other_conditions,omitempty"` // what was not as when the run began: run --force-resume measured it
}

// Memory is the resident set of a trial's process over its whole life, warm-up
// included.
type Memory struct {
	PeakBytes int64       `json:"peak_bytes"`
	StepNs    int64       `json:"step_ns"`
	Series    stat.Levels `json:"series_bytes"` // the highest seen in each step since the process began
}

// FailureKind classifies why a trial has no measurement.
type FailureKind string

// The ways a trial fails.
const (
	FailurePanic    FailureKind = "panic"    // the child crashed
	FailureTimeout  FailureKind = "timeout"  // the watchdog ended it
	FailureKilled   FailureKind = "killed"   // a signal ended it
	FailureMemory   FailureKind = "memory"   // it passed its memory limit
	FailureProtocol FailureKind = "protocol" // its output was not a trial result
	FailureDelivery FailureKind = "delivery" // items lost, doubled, reordered or miscounted
	FailurePromise  FailureKind = "promise"  // what it measured contradicts another promise of the strategy, which the detail names
	FailureError    FailureKind = "error"    // anything else it reported
)

// Breaks reports whether a failure shows that the strategy is broken, under whatever
// load: it does not keep the contract, or crashes.
func (k FailureKind) Breaks() bool {
	return k == FailureDelivery || k == FailurePromise || k == FailurePanic
}

// Failure says why a trial has no measurement.
type Failure struct {
	Kind   FailureKind `json:"kind"`
	Detail string      `json:"detail"`           // one line
	Stderr string      `json:"stderr,omitempty"` // the end of what the child wrote there
}

// Measurement is what one trial measured, raw.
type Measurement struct {
	ElapsedNs int64 `json:"elapsed_ns"` // first send to last receive
	Attempted int64 `json:"attempted"`  // = Delivered + Dropped + Rejected
	Delivered int64 `json:"delivered"`
	Dropped   int64 `json:"dropped"`
	Rejected  int64 `json:"rejected"`
	Receives  int64 `json:"receives"` // receive calls that returned items

	WarmUp []Window `json:"warm_up"` // rounds before the measured part
	Steady bool     `json:"steady"`  // the last warm-up rounds agreed

	Transit    *histogram.Histogram `json:"transit,omitempty"`     // ns from the send call to the receive
	SampleStep int                  `json:"sample_step,omitempty"` // every how-manieth message was timed

	// Of open loops: what was offered, and what the producers achieved.
	OfferedRate  float64              `json:"offered_msgs_per_s,omitempty"`
	AchievedRate float64              `json:"achieved_msgs_per_s,omitempty"`
	Response     *histogram.Histogram `json:"response,omitempty"`   // ns from when the message was due to the receive
	SendDelay    *histogram.Histogram `json:"send_delay,omitempty"` // ns from when it was due to the send call

	Saturation float64 `json:"saturation_msgs_per_s,omitempty"` // what a search found
	RecoveryNs int64   `json:"recovery_ns,omitempty"`           // from the end of an overload until the backlog is as before it

	Parks     *int64    `json:"parks,omitempty"`      // how often the consumer parked; absent if it does not count that
	SendCall  *Mean     `json:"send_call,omitempty"`  // ns of a send call, sampled
	Backlog   *Backlog  `json:"backlog,omitempty"`    // sampled on a timer
	InFlight  *Backlog  `json:"in_flight,omitempty"`  // waiting or being worked on, where the strategy bounds that: the capacity less what is free
	Fairness  *Fairness `json:"fairness,omitempty"`   // between producers
	CPUNs     int64     `json:"cpu_ns,omitempty"`     // of the process in the measured part; absent beside neighbours, whose time cannot be told from it
	PeakBytes int64     `json:"peak_bytes,omitempty"` // highest resident set of the process
	Host      *Host     `json:"host,omitempty"`       // what else took time in the measured part
	Probe     *Probe    `json:"probe,omitempty"`      // what a probe cell measures
	Sink      *Sink     `json:"sink,omitempty"`       // what the consumer wrote
	Stages    []Stage   `json:"stages,omitempty"`     // of a pipeline: the producers, then the cell's stages in order

	// Of strategies that leave the process, each absent where it was not counted.
	Duplicated *int64    `json:"duplicated,omitempty"` // received again: none of the delivered
	Late       *int64    `json:"late,omitempty"`       // of the delivered: after something that its producer sent later
	Confirmed  *int64    `json:"confirmed,omitempty"`  // of the attempted: sends that said that it is safe
	Processes  []Process `json:"processes,omitempty"`  // all that took part; CPUNs is the sum of theirs

	Neighbours *Neighbours `json:"neighbours,omitempty"` // of a load with Busy above 0: what they got done
	Slices     *Slices     `json:"slices,omitempty"`     // of a trial that took turns with others: its turns, of which all else is the sum

	Clock     string  `json:"clock"`                     // tsc or monotonic
	ClockNs   float64 `json:"clock_ns"`                  // cost of one reading
	Mallocs   *int64  `json:"mallocs,omitempty"`         // heap objects allocated in the measured part; absent if not counted, or neighbours allocate too
	HeapBytes int64   `json:"heap_high_bytes,omitempty"` // highest heap in use seen
	GCs       *int64  `json:"gcs,omitempty"`             // collections in the measured part; absent where nothing collects

	Warnings []string `json:"warnings,omitempty"`
}

// pack keeps the histograms in the form that they have in a file.
func (m *Measurement) pack() {
	if m == nil {
		return
	}
	for _, h := range []*histogram.Histogram{m.Transit, m.Response, m.SendDelay} {
		h.Pack()
	}
	if m.Probe != nil {
		m.Probe.Wake.Pack()
	}
}

// Process is what the processes of one role used in the measured part of a trial.
type Process struct {
	Role      string `json:"role"`
	Count     int    `json:"count"`
	CPUNs     int64  `json:"cpu_ns,omitempty"`     // of all of them; absent if the system does not tell
	PeakBytes int64  `json:"peak_bytes,omitempty"` // the sum of their highest resident sets since they began
}

// Mean is an average and what it was taken over.
type Mean struct {
	Mean  float64 `json:"mean"`
	Count int64   `json:"count"`
}

// Stage is what one stage of a pipeline did in the measured part.
type Stage struct {
	CostNs    int64    `json:"cost_ns,omitempty"` // what it takes per message; absent for the producers
	Messages  int64    `json:"messages"`
	ElapsedNs int64    `json:"elapsed_ns"`           // from its first message until it had dealt with the last
	BlockedNs *int64   `json:"blocked_ns,omitempty"` // in sends to the next stage, of all producers together; absent for the last
	Backlog   *Backlog `json:"backlog,omitempty"`    // waiting before it; absent for the producers
}

// Throughput returns messages per second, 0 if the time is not known.
func (s Stage) Throughput() float64 {
	if s.ElapsedNs == 0 {
		return 0
	}
	return float64(s.Messages) / (float64(s.ElapsedNs) / 1e9)
}

// Sink is what the consumer wrote in the measured part. Every byte of it was
// checked at the other end.
type Sink struct {
	Bytes  int64 `json:"bytes"`
	Writes int64 `json:"writes"`          // write calls
	Syncs  int64 `json:"syncs,omitempty"` // of a file; absent for sockets
}

// Backlog is how many items waited in the fan-in over the measured part.
type Backlog struct {
	Mean   float64     `json:"mean"`    // over time
	Max    int64       `json:"max"`     // highest seen
	StepNs int64       `json:"step_ns"` // of Series
	Series stat.Levels `json:"series"`  // the highest in each step since the gate opened
}

// Fairness compares the producers of a trial.
type Fairness struct {
	WindowNs int64 `json:"window_ns"`
	// Jain is Jain's index (sum x)^2 / (n sum x^2) of the messages received per
	// producer in a window, averaged over windows: 1 if all got the same, 1/n if
	// one got everything.
	Jain float64 `json:"jain"`
	// P99Ratio is the response p99 of the slowest producer over that of the
	// fastest; absent where producers were too many to tell.
	P99Ratio float64 `json:"p99_ratio,omitempty"`
}

// Host is what disturbed the measured part.
type Host struct {
	HiccupP99Ns int64 `json:"hiccup_p99_ns"` // how late a goroutine woke that slept for a millisecond
	HiccupMaxNs int64 `json:"hiccup_max_ns"`
	SchedP99Ns  int64 `json:"sched_p99_ns"` // how long runnable goroutines waited for a processor
	GCPauseNs   int64 `json:"gc_pause_ns"`  // in total
	Evictions   int64 `json:"evictions"`    // times that a thread lost its processor to another process
	MutexWaitNs int64 `json:"mutex_wait_ns"`
}

// Probe is what is measured of a fan-in that is not under load.
type Probe struct {
	Wake          *histogram.Histogram `json:"wake"`           // ns from the send to a parked consumer to its receive
	IdleCPUShare  float64              `json:"idle_cpu_share"` // CPU seconds per second with the consumer parked
	RetainedBytes int64                `json:"retained_bytes"` // heap kept after a burst was drained, at rest
	BurstBytes    int64                `json:"burst_bytes"`    // heap held by that burst
}

// Window is a stretch of a trial.
type Window struct {
	Messages  int64 `json:"messages"`
	ElapsedNs int64 `json:"elapsed_ns"`
}

// Manifest is manifest.json: what was asked for and where it ran.
type Manifest struct {
	Schema      int           `json:"schema"`
	Scenario    string        `json:"scenario"`
	Label       string        `json:"label,omitempty"` // what its user calls the run: see CheckLabel
	Seed        uint64        `json:"seed"`
	Command     []string      `json:"command"`
	Version     string        `json:"version"` // of fanin-bench
	Started     time.Time     `json:"started"`
	Finished    *time.Time    `json:"finished,omitempty"`     // absent while trials are missing
	Reps        int           `json:"reps"`                   // blocks, and trials of each cell where CellReps has no others
	TimeoutNs   int64         `json:"timeout_ns"`             // per trial; 0 means the default
	MemoryLimit int64         `json:"memory_limit,omitempty"` // bytes per trial
	Isolation   string        `json:"isolation"`              // process or none
	Expect      []FailureKind `json:"expect,omitempty"`       // of Expectable: trials that end so show what the run is to show
	Cells       []Cell        `json:"cells"`                  // every cell of the plan, in the order of tables
	CellReps    []int         `json:"cell_reps,omitempty"`    // trials of each of them, if some have fewer than there are blocks: see Fewer
	Strategies  []Strategy    `json:"strategies"`             // every strategy in Cells, in registry order
	Environment Environment   `json:"environment"`
	Warnings    []string      `json:"warnings,omitempty"`
	Pair        *Pair         `json:"pair,omitempty"`     // absent unless run --against made it
	Shard       string        `json:"shard,omitempty"`    // "2/5": the run is that part of a plan
	Merged      []Source      `json:"merged,omitempty"`   // the runs that this one was put together from
	Machines    []Machine     `json:"machines,omitempty"` // of a merged run, if there is more than one
}

// Source is a run that went into a merged one.
type Source struct {
	Dir     string    `json:"dir"` // as it was given
	Machine string    `json:"machine,omitempty"`
	Shard   string    `json:"shard,omitempty"`
	Label   string    `json:"label,omitempty"`
	Seed    uint64    `json:"seed"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Command []string  `json:"command"`
}

// Machine is where a part of a merged run was made.
type Machine struct {
	Name        string      `json:"name"` // as in Cell.Machine
	Environment Environment `json:"environment"`
}

// EnvironmentOf returns where a cell was measured.
func (m *Manifest) EnvironmentOf(c Cell) Environment {
	for _, machine := range m.Machines {
		if machine.Name == c.Machine {
			return machine.Environment
		}
	}
	return m.Environment
}

// Pair ties the two runs together that run --against measured in turns: each trial
// of one right before or after the same trial of the other, so that trials of the
// same cell and block compare.
type Pair struct {
	ID   string `json:"id"`   // of both, and of no other run
	Side string `json:"side"` // SideBase or SideNew
}

// The sides of a Pair.
const (
	SideBase = "base"
	SideNew  = "new"
)

// Strategy is what tables and figures need to know about a strategy.
type Strategy struct {
	Name   string `json:"name"`
	Doc    string `json:"doc"`
	Index  int    `json:"index"`            // place in the registry: decides the colour
	Family string `json:"family,omitempty"` // what it is built on
	Order  string `json:"order"`
	Bound  string `json:"bound"`
	Wait   string `json:"wait"`
	Source string `json:"source"`
	Floor  bool   `json:"floor,omitempty"` // the harness floor, drawn as a line, never ranked

	Policies    []string          `json:"policies,omitempty"`    // what it offers when full
	Lanes       bool              `json:"lanes,omitempty"`       // how many lanes it has can be set
	Batch       bool              `json:"batch,omitempty"`       // a batch is sent in one step, not one by one
	Lossy       bool              `json:"lossy,omitempty"`       // overwrites, never waits for room
	Module      string            `json:"module,omitempty"`      // of a peer: module@version of the queue
	Unbuildable string            `json:"unbuildable,omitempty"` // why it is only listed
	Lacks       map[string]string `json:"lacks,omitempty"`       // promises that it does not keep, and why
	Program     string            `json:"program,omitempty"`     // path of the program that executes its trials; absent: fanin-bench itself

	Delivery  string   `json:"delivery,omitempty"`  // one of Deliveries; absent: within a process nothing is lost
	Survives  []string `json:"survives,omitempty"`  // of Roles: whose sudden end costs no message that was confirmed
	Processes bool     `json:"processes,omitempty"` // its producers can be shared out among processes

	ProgramDigest string `json:"program_digest,omitempty"` // SHA-256 of that file, in hexadecimal
}

// Environment is the machine and the runtime that a run used. What could not be
// read is absent.
type Environment struct {
	CPU          string  `json:"cpu"`
	Cores        int     `json:"cores"` // logical CPUs the process may use
	GOMAXPROCS   int     `json:"gomaxprocs"`
	Go           string  `json:"go"`
	GOEXPERIMENT string  `json:"goexperiment,omitempty"`
	GOGC         string  `json:"gogc"`
	OS           string  `json:"os"`
	Arch         string  `json:"arch"`
	Kernel       string  `json:"kernel,omitempty"`
	Virtual      string  `json:"virtualization,omitempty"`
	Governor     string  `json:"governor,omitempty"`
	CgroupCPUs   float64 `json:"cgroup_cpus,omitempty"` // quota in CPUs
	Load1        float64 `json:"load1,omitempty"`       // load average over a minute, at the start
	MemoryBytes  uint64  `json:"memory_bytes,omitempty"`
	Commit       string  `json:"commit,omitempty"`
	Clock        string  `json:"clock"`
	ClockNs      float64 `json:"clock_ns"`

	// Each of these is absent as a whole where it was not read, as in older runs.
	Settings *Settings `json:"settings,omitempty"`
	Build    *Build    `json:"build,omitempty"`
	Limits   *Limits   `json:"limits,omitempty"`
}

// Settings is what environment variables tell Go's runtime, beside GOGC and
// GOMAXPROCS. What is not set is absent.
type Settings struct {
	MemoryLimit int64  `json:"gomemlimit_bytes,omitempty"`
	Debug       string `json:"godebug,omitempty"`
}

// Build is how the program was built. What was left at its default is absent.
type Build struct {
	ID           string `json:"id,omitempty"`           // of this very file, the same for no other content; absent if unknown
	Level        string `json:"arch_level,omitempty"`   // the processors it was built for: GOAMD64=v1
	Instrumented string `json:"instrumented,omitempty"` // by race, msan, asan or cover
	Flags        string `json:"flags,omitempty"`        // of the compiler and the assembler, and how it was linked
	PGO          string `json:"pgo,omitempty"`          // file name of the profile that it was optimized by
	Tags         string `json:"tags,omitempty"`
	CGO          bool   `json:"cgo,omitempty"`
	Debug        string `json:"godebug,omitempty"` // the GODEBUG that it was built with
}

// Limits is how much of the machine the system lets this program use, beside the CPU
// quota. What is not limited is absent.
type Limits struct {
	MemoryBytes int64  `json:"memory_bytes,omitempty"` // the least of its cgroup and those around it
	CPUs        string `json:"cpus,omitempty"`         // the processors that it may run on: 0-3,8
	MachineCPUs int    `json:"machine_cpus,omitempty"` // how many there are
}
