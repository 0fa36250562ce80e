package main

import (
	"bytes"
	"strings"
)

// skips reads the output of `go test -v` that is written to it, and notes which tests were skipped.
type skips struct {
	names []string
	rest  []byte // the beginning of a line whose end is still to come
}

// Write never fails.
func (s *skips) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	for {
		line, rest, whole := bytes.Cut(s.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		s.rest = rest
		if name, found := strings.CutPrefix(strings.TrimSpace(string(line)), "--- SKIP: "); found {
			s.names = append(s.names, strings.Fields(name)[0])
		}
	}
}
