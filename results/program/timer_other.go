//go:build !linux

package program

import "time"

// timer waits for moments as exactly as a sleep does.
type timer struct{}

func newTimer() (timer, error) { return timer{}, nil }

func (timer) until(moment int64) error {
	time.Sleep(time.Duration(moment - Now()))
	return nil
}

func (timer) close() {}
