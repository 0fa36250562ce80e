package report

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// figure is a file with plots side by side.
type figure struct {
	file, alt string
	panels    []panel
}

// panel is one plot.
type panel struct {
	title, y string
	lines    []line
}

// line is the time of one subject over N.
type line struct {
	name   string
	style  draw.LineStyle
	points plotter.XYs
}

// Size of a panel and its margin.
const (
	panelWidth  = 16 * vg.Centimeter
	panelHeight = 10 * vg.Centimeter
	margin      = 0.4 * vg.Centimeter
)

// Colours of the subjects: dark enough for thin lines, and distinct for readers with red-green colour blindness.
var colours = map[result.Subject]color.Color{
	result.Provider: color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 0xff},
	result.Floor:    color.RGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff},
	result.Worker:   color.RGBA{R: 0xe0, G: 0x7b, B: 0x00, A: 0xff},
	result.Peer:     color.RGBA{R: 0x8e, G: 0x3a, B: 0x9d, A: 0xff},
}

// plots returns the figures for which the run has samples.
func plots(r result.Run) (list []figure) {
	candidates := []figure{
		{"plan.svg", "Wall time of a plan without changes over the number of connectors", []panel{wallPanel(r, result.Plan)}},
		{"writes.svg", "Wall time of create, change and destroy over the number of connectors",
			[]panel{wallPanel(r, result.Create), wallPanel(r, result.Change), wallPanel(r, result.Destroy)}},
	}
	for _, f := range candidates {
		var panels []panel
		for _, p := range f.panels {
			if len(p.lines) > 0 {
				panels = append(panels, p)
			}
		}
		if f.panels = panels; len(panels) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// wallPanel shows the wall time of an operation by subject.
func wallPanel(r result.Run, op result.Operation) panel {
	p := panel{title: sentenceCase(op.String()), y: "wall time (s)"}
	for i, setting := range shown(r) {
		for _, subject := range present(r) {
			if subject == result.Floor && i > 0 {
				continue // the floor sends no requests, so added latency has no effect
			}
			l := line{name: legend(subject, setting), style: stroke(colours[subject], setting)}
			for _, n := range r.Measured(subject, op, setting) {
				wall, _ := r.Wall(result.Key{Subject: subject, Operation: op, N: n, Setting: setting})
				l.points = append(l.points, plotter.XY{X: float64(n), Y: wall})
			}
			if len(l.points) > 0 {
				p.lines = append(p.lines, l)
			}
		}
	}
	return p
}

func legend(subject result.Subject, setting result.Setting) string {
	if subject == result.Floor {
		return names[subject]
	}
	return fmt.Sprintf("%s, %s", names[subject], setting)
}

// names of the subjects in legends.
var names = map[result.Subject]string{
	result.Provider: "this provider",
	result.Floor:    "do-nothing provider",
	result.Worker:   "plain HTTP requests",
	result.Peer:     "peer",
}

// shown returns the settings that plots compare. Workers with exactly-once support are so much slower that only the tables
// have them.
func shown(r result.Run) []result.Setting {
	return slices.DeleteFunc(r.Settings(), func(s result.Setting) bool { return s.ExactlyOnce })
}

// stroke returns a line style, dashed if latency was added.
func stroke(c color.Color, setting result.Setting) draw.LineStyle {
	s := draw.LineStyle{Color: c, Width: vg.Points(1.6)}
	if setting.LatencyMS > 0 {
		s.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	return s
}

func sentenceCase(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
