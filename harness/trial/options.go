package trial

import (
	"cmp"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// roomsOf returns how many producers have a capacity of their own, where they have.
func roomsOf(c results.Cell) int {
	if c.Sharing == results.SharingShared { // the Sender is the producer
		return 1
	}
	return c.Producers
}

// capacityFor returns a cell's capacity as the strategy takes it. The error is a
// FieldError.
func capacityFor(c results.Cell, d strategies.Descriptor) (int, error) {
	items, rooms := int64(c.Capacity), int64(roomsOf(c))
	switch {
	case c.CapacityOf == results.CapacityPerProducer && (d.Bound == strategies.Total || d.Bound == strategies.PerProducer && rooms == 1):
		items *= int64(c.Producers)
	case c.CapacityOf == results.CapacityInTotal && d.Bound == strategies.PerProducer:
		items /= rooms
	}
	if c.Capacity > 0 && (items < 1 || items > strategies.MaxCapacity) {
		return 0, results.FieldErrorf("capacity", "%d/%s of %d producers makes %d for strategy %q (%s); it takes 1..%d",
			c.Capacity, c.CapacityOf, c.Producers, items, d.Name, d.Bound, strategies.MaxCapacity)
	}
	return int(items), nil
}

// Options returns the cell's parameters as the strategy takes them. An error is
// about its capacity or its policy.
func Options(c results.Cell, d strategies.Descriptor) (strategies.Options, error) {
	o := strategies.Options{Lanes: c.Lanes}
	var err error
	if o.Capacity, err = capacityFor(c, d); err != nil {
		return o, err
	}
	if err := checkMesh(c, d); err != nil {
		return o, err
	}
	if c.Policy != "" {
		policy, err := strategies.ParsePolicy(c.Policy)
		if err != nil {
			return o, err
		}
		o.Policy = policy
	}
	return o, nil
}

// checkMesh reports why a strategy cannot be the fan-ins of a cell's mesh, nil if it can
// or there is none. The error is a FieldError.
func checkMesh(c results.Cell, d strategies.Descriptor) error {
	onTheWay := c.Producers * c.Window
	switch capacity, err := capacityFor(c, d); {
	case c.Mesh == 0:
		return nil
	case err != nil:
		return err
	case d.Bound == strategies.Rendezvous:
		return results.FieldErrorf("mesh", "strategy %q %s: two fan-ins whose consumers send to each other would wait for ever", d.Name, d.Bound)
	case d.Bound.HasCapacity() && cmp.Or(capacity, strategies.DefaultCapacity) < onTheWay:
		return results.FieldErrorf("capacity", "%d items do not hold the %d messages that may be on their way in a mesh: %d producers with a window of %d",
			capacity, onTheWay, c.Producers, c.Window)
	}
	return nil
}
