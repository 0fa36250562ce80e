package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// lines is the content of the source file, and later of the sink file.
var lines = []string{
	"Every line of this file becomes a record in the topic,",
	"and every record of the topic becomes a line again:",
	"written by a source connector and read by a sink connector",
	"that Terraform created.",
}

// linesLimit is the time that the lines have to pass through the topic.
const linesLimit = time.Minute

// writeLines writes the file that the source connector reads.
func writeLines(source string) error {
	return os.WriteFile(source, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// followLines prints the lines of the sink connector's file as they arrive, until all have arrived.
func followLines(ctx context.Context, sink string) error {
	ctx, cancel := context.WithTimeout(ctx, linesLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()

	printed := 0
	for {
		content, err := os.ReadFile(sink)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		whole := strings.SplitAfter(string(content), "\n")
		for _, line := range whole[printed : len(whole)-1] {
			fmt.Print("  ", line)
			printed++
		}
		if printed >= len(lines) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d lines arrived in the sink file: %w", printed, len(lines), ctx.Err())
		case <-tick.C:
		}
	}
}
