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

// figure is one file with one plot or several side by side.
type figure struct {
	file, alt string
	panels    []panel
}

// panel is one plot.
type panel struct {
	title, y string
	falling  bool // lines that fall fast and then hardly: over a logarithmic axis, with the legend on the right
	lines    []line
}

// line is what one subject took, over N.
type line struct {
	name   string
	style  draw.LineStyle
	points plotter.XYs
}

// Size of a panel, and what surrounds it.
const (
	panelWidth  = 16 * vg.Centimeter
	panelHeight = 10 * vg.Centimeter
	margin      = 0.4 * vg.Centimeter
)

// Colours of the subjects: dark enough for thin lines, and told apart without seeing red or green.
var colours = map[result.Subject]color.Color{
	result.Provider: color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 0xff},
	result.Floor:    color.RGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff},
	result.Worker:   color.RGBA{R: 0xe0, G: 0x7b, B: 0x00, A: 0xff},
	result.Peer:     color.RGBA{R: 0x8e, G: 0x3a, B: 0x9d, A: 0xff},
}

// plots returns the figures that the run has numbers for.
func plots(r result.Run) (list []figure) {
	candidates := []figure{
		{"plan.svg", "Wall time of a plan without changes over the number of connectors", []panel{wallPanel(r, result.Plan)}},
		{"writes.svg", "Wall time of create, change and destroy over the number of connectors",
			[]panel{wallPanel(r, result.Create), wallPanel(r, result.Change), wallPanel(r, result.Destroy)}},
		{"connector.svg", "Wall time for each connector over the number of connectors", costPanels(r)},
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

// wallPanel shows what an operation takes by whom.
func wallPanel(r result.Run, op result.Operation) panel {
	p := panel{title: sentenceCase(op.String()), y: "wall time (s)"}
	for i, setting := range shown(r) {
		for _, subject := range present(r) {
			if subject == result.Floor && i > 0 {
				continue // it sends no requests that latency could slow down
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

// costPanels show, for each latency, how what the provider takes for one connector depends on how many there are.
func costPanels(r result.Run) (list []panel) {
	for _, setting := range shown(r) {
		p := panel{title: fmt.Sprintf("For each connector, %s", setting), y: "wall time / N (ms)", falling: true}
		for i, op := range []result.Operation{result.Create, result.Plan, result.Change, result.Destroy} {
			l := line{name: op.String(), style: stroke(palette[i], setting)}
			for _, n := range r.Measured(result.Provider, op, setting) {
				wall, _ := r.Wall(result.Key{Subject: result.Provider, Operation: op, N: n, Setting: setting})
				l.points = append(l.points, plotter.XY{X: float64(n), Y: wall * 1000 / float64(n)})
			}
			if len(l.points) > 0 {
				p.lines = append(p.lines, l)
			}
		}
		list = append(list, p)
	}
	return list
}

// palette has the colours of lines that are not subjects.
var palette = []color.Color{
	color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 0xff},
	color.RGBA{R: 0x2a, G: 0x8c, B: 0x82, A: 0xff},
	color.RGBA{R: 0xe0, G: 0x7b, B: 0x00, A: 0xff},
	color.RGBA{R: 0x8e, G: 0x3a, B: 0x9d, A: 0xff},
}

// shown returns the settings that plots compare. The worker with exactly-once support is so much slower that it is left to
// the tables.
func shown(r result.Run) []result.Setting {
	return slices.DeleteFunc(r.Settings(), func(s result.Setting) bool { return s.ExactlyOnce })
}

// stroke is a line, dashed where latency was added.
func stroke(c color.Color, setting result.Setting) draw.LineStyle {
	s := draw.LineStyle{Color: c, Width: vg.Points(1.6)}
	if setting.LatencyMS > 0 {
		s.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	return s
}

func sentenceCase(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
