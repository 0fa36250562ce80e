package main

import (
	"bytes"
	"strings"
)

// skips is a writer for the output of `go test -v` that records the skipped tests.
type skips struct {
	names []string
	rest  []byte // an incomplete line
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
