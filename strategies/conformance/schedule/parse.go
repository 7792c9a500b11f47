package schedule

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// The most that a text may ask for. What is found by [Find] is far below.
const (
	maxBytes     = 1 << 20
	maxOps       = 2000
	maxProducers = 64
	maxCount     = 1000
	maxCapacity  = 1 << 16
	maxLanes     = 1 << 10
)

// Parse reads the text of a schedule. An error names the file, as it is called here,
// and the line.
func Parse(name string, r io.Reader) (Schedule, error) {
	var s Schedule
	lines := bufio.NewScanner(io.LimitReader(r, maxBytes+1))
	read, number := 0, 0
	for lines.Scan() {
		number++
		if read += len(lines.Bytes()) + 1; read > maxBytes {
			return s, fmt.Errorf("%s: longer than %d bytes", name, maxBytes)
		}
		if err := s.line(lines.Text()); err != nil {
			return s, fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return s, fmt.Errorf("%s:%d: %w", name, number+1, err)
	}
	if s.Strategy == "" {
		return s, fmt.Errorf(`%s: no line "strategy NAME"`, name)
	}
	return s, nil
}

// line reads one line: empty, of the header, or an operation.
func (s *Schedule) line(text string) error {
	text, _, _ = strings.Cut(text, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	if words[0] == "c" || words[0][0] == 'p' && len(words[0]) > 1 && strings.Trim(words[0][1:], "0123456789") == "" {
		op, err := parseOp(words)
		if err == nil && len(s.Ops) == maxOps {
			err = fmt.Errorf("more than %d operations", maxOps)
		}
		s.Ops = append(s.Ops, op)
		return err
	}
	if len(words) < 2 {
		return fmt.Errorf("%q has no value", words[0])
	}
	if words[0] == "breaks" {
		return s.breaks(strings.TrimPrefix(strings.TrimSpace(text), "breaks"))
	}
	if words[0] == "strategy" {
		s.Strategy = strings.Join(words[1:], " ")
		return nil
	}
	if len(words) > 2 {
		return fmt.Errorf("%q has more than one value", words[0])
	}
	return s.header(words[0], words[1])
}

func (s *Schedule) header(key, value string) (err error) {
	switch key {
	case "capacity":
		s.Options.Capacity, err = count(value, 1, maxCapacity)
	case "lanes":
		s.Options.Lanes, err = count(value, 1, maxLanes)
	case "policy":
		s.Options.Policy, err = strategies.ParsePolicy(value)
	case "seed":
		if s.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			err = fmt.Errorf("%q is not a whole number", value)
		}
	case "mode":
		mode := slices.Index(modes[:], value)
		if s.Concurrent = mode == 1; mode < 0 {
			err = fmt.Errorf("%q is unknown (one of %s)", value, strings.Join(modes[:], ", "))
		}
	default:
		return fmt.Errorf("%q is unknown (strategy, capacity, policy, lanes, seed, mode, breaks, c, or p and a number)", key)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", key, err)
	}
	return err
}

// breaks reads a promise and what was found.
func (s *Schedule) breaks(text string) error {
	promise, detail, _ := strings.Cut(strings.TrimSpace(text), ":")
	s.Broken = Failure{Promise: strategies.Promise(promise), Detail: strings.TrimSpace(detail)}
	if all := strategies.Promises(); !slices.Contains(all, s.Broken.Promise) {
		return fmt.Errorf("breaks: unknown promise %q (one of %v)", promise, all)
	}
	return nil
}

func parseOp(words []string) (op Op, err error) {
	op.Who = Consumer
	if words[0] != "c" {
		if op.Who, err = count(words[0][1:], 0, maxProducers-1); err != nil {
			return op, fmt.Errorf("producer: %w", err)
		}
	}
	var known []string
	at := -1
	for i, v := range verbs {
		if op.Who == Consumer && !v.consumer || op.Who != Consumer && !v.producer {
			continue
		}
		if known = append(known, v.name); len(words) > 1 && v.name == words[1] {
			at = i
		}
	}
	if len(words) < 2 {
		return op, fmt.Errorf("%s does nothing (one of %s)", words[0], strings.Join(known, ", "))
	}
	if at < 0 {
		return op, fmt.Errorf("%s cannot %q (one of %s)", words[0], words[1], strings.Join(known, ", "))
	}
	op.Do, op.N = Verb(at), 1
	switch want := 2; {
	case verbs[at].counted && len(words) == want+1:
		if op.N, err = count(words[2], 0, maxCount); err != nil {
			return op, fmt.Errorf("%v: %w", op.Do, err)
		}
	case verbs[at].counted:
		return op, fmt.Errorf("%v takes one number", op.Do)
	case len(words) > want:
		return op, fmt.Errorf("%v takes no number", op.Do)
	}
	return op, nil
}

// count reads a whole number.
func count(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not a whole number from %d to %d", text, least, most)
	}
	return n, nil
}
