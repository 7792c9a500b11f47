package program

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// timer waits for moments. A sleep in an idle Go process ends up to 1 ms late, because
// the poller of the runtime waits in whole milliseconds; a timer of the kernel wakes that
// poller as a socket would.
type timer struct {
	file  *os.File
	fd    int
	fired [8]byte
}

func newTimer() (*timer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("creating a timer: %w", err)
	}
	return &timer{os.NewFile(uintptr(fd), "timer"), fd, [8]byte{}}, nil
}

// until returns at a moment of Now, or at once if that has passed.
func (t *timer) until(moment int64) error {
	left := moment - Now()
	if left <= 0 {
		return nil
	}
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(left)}
	if err := unix.TimerfdSettime(t.fd, 0, &once, nil); err != nil {
		return fmt.Errorf("setting a timer to %v: %w", time.Duration(left), err)
	}
	_, err := t.file.Read(t.fired[:])
	return err
}

func (t *timer) close() { _ = t.file.Close() }
