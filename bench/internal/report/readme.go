package report

import (
	"errors"
	"os"
	"path"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// UpdateReadme writes between these two lines.
const (
	readmeBegin = "<!-- Begin: written by `make bench`. -->\n"
	readmeEnd   = "<!-- End: written by `make bench`. -->\n"
)

// UpdateReadme writes a summary of a run into the project's README: the bounds, one plot and the origin. The folder of the
// results is a link target relative to the README.
func UpdateReadme(file, folder string, r result.Run) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), readmeBegin)
	_, after, ends := strings.Cut(rest, readmeEnd)
	if !begins || !ends {
		return errors.New(file + " lacks the lines between which results are written")
	}
	section := "\n" + Bounds(r) + "\n"
	if figures := plots(r); len(figures) > 0 {
		section += "![" + figures[0].alt + "](" + path.Join(folder, figures[0].file) + ")\n\n"
	}
	section += origin(r) + "More numbers are in [" + folder + "](" + path.Join(folder, tableFile) + ").\n\n"
	return os.WriteFile(file, []byte(before+readmeBegin+section+readmeEnd+after), 0o644)
}
