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

// firstLines is the content of the source file, and later of the sink file.
var firstLines = []string{
	"Every line of this file becomes a record in the topic,",
	"and every record of the topic becomes a line again.",
}

// secondLines are written while the sink is broken.
var secondLines = []string{"The sink was broken when this line was written."}

// thirdLines follow after the partitions of the offset topic were changed.
var thirdLines = []string{"This line follows after the change. The lines above have not arrived again."}

// linesLimit is the time that the lines have to pass through the topic.
const linesLimit = time.Minute

// appendLines adds lines to the file that the source connector reads.
func appendLines(source string, lines []string) error {
	file, err := os.OpenFile(source, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(strings.Join(lines, "\n") + "\n")
	return errors.Join(err, file.Close())
}

// followLines prints the lines of the sink connector's file as they arrive, without those that it skips, until all lines
// have arrived. It returns an error if the file has another line.
func (d *show) followLines(ctx context.Context, lines []string, skip int) error {
	ctx, cancel := context.WithTimeout(ctx, linesLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()

	printed := skip
	for {
		content, err := os.ReadFile(d.sink())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		whole := strings.Split(string(content), "\n")
		for i, line := range whole[:len(whole)-1] {
			if i >= len(lines) || line != lines[i] {
				return fmt.Errorf("line %d of the sink file is not the line of the source file: %q", i+1, line)
			}
			if i == printed {
				d.quote(line)
				printed++
			}
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
