package record

import "github.com/fanin-bench/fanin-bench/strategies"

// WordOf returns the word of an item that drives the harness.
func WordOf[T any](item *T) strategies.Word {
	switch item := any(item).(type) {
	case *strategies.Word:
		return *item
	case *strategies.Message:
		return item.ID
	}
	panic("record: an item without a word")
}
