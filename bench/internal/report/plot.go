package report

import (
	"bytes"
	"image/color"
	"os"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// Size of the plot.
const (
	plotWidth  = 20 * vg.Centimeter
	plotHeight = 12 * vg.Centimeter
)

// curves are the operations of running connectors. The colours are dark enough for thin lines, and distinct for readers with
// red-green colour blindness.
var curves = []struct {
	operation result.Operation
	colour    color.Color
}{
	{result.Change, color.RGBA{R: 0x8e, G: 0x3a, B: 0x9d, A: 0xff}},
	{result.Destroy, color.RGBA{R: 0xe0, G: 0x7b, B: 0x00, A: 0xff}},
	{result.Create, color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 0xff}},
	{result.Plan, color.RGBA{R: 0x20, G: 0x80, B: 0x70, A: 0xff}},
}

// strokes are the dashes of the subjects.
var strokes = []struct {
	subject result.Subject
	dashes  []vg.Length
}{
	{result.Provider, nil},
	{result.Raw, []vg.Length{vg.Points(6), vg.Points(3)}},
	{result.Peer, []vg.Length{vg.Points(1.5), vg.Points(2.5)}},
}

// writePlot draws the time over the number of connectors: a colour for each operation, a dash pattern for each subject.
func writePlot(file string, r result.Run) error {
	drawn, err := newPlot(r)
	if err != nil {
		return err
	}
	canvas := vgsvg.New(plotWidth, plotHeight)
	area := draw.New(canvas)
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	const margin = 0.4 * vg.Centimeter
	drawn.Draw(draw.Crop(area, margin, -margin, margin, -margin))
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	// Many systems lack the font of the layout: add fonts of the same widths.
	svg := bytes.ReplaceAll(text.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:'Liberation Sans',Arial,Helvetica"))
	return os.WriteFile(file, svg, 0o644)
}

// newPlot makes the plot. The legend is at the top left, because the lines rise to the right.
func newPlot(r result.Run) (*plot.Plot, error) {
	drawn := plot.New()
	drawn.X.Label.Text, drawn.Y.Label.Text = "running connectors (N)", "time until all are as declared (s)"
	for _, text := range []*font.Font{
		&drawn.X.Label.TextStyle.Font, &drawn.Y.Label.TextStyle.Font,
		&drawn.X.Tick.Label.Font, &drawn.Y.Tick.Label.Font, &drawn.Legend.TextStyle.Font,
	} {
		text.Typeface, text.Variant, text.Size = "Liberation", "Sans", vg.Points(11)
	}
	drawn.Legend.Top, drawn.Legend.Left = true, true
	drawn.Legend.XOffs, drawn.Legend.Padding = vg.Points(8), vg.Points(2)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.Gray{Y: 0xdd}
	drawn.Add(grid)

	for _, c := range curves {
		for _, s := range strokes {
			points := pointsOf(r, s.subject, c.operation)
			if len(points) == 0 {
				continue
			}
			line, dots, err := plotter.NewLinePoints(points)
			if err != nil {
				return nil, err
			}
			line.LineStyle = draw.LineStyle{Color: c.colour, Width: vg.Points(1.6), Dashes: s.dashes}
			dots.GlyphStyle = draw.GlyphStyle{Color: c.colour, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
			drawn.Add(line, dots)
			if s.subject == result.Provider {
				drawn.Legend.Add(c.operation.String(), line)
			}
		}
	}
	for _, s := range strokes {
		if measured(r, s.subject) {
			drawn.Legend.Add(name(r, s.subject), &plotter.Line{LineStyle: draw.LineStyle{Color: color.Gray{Y: 0x50}, Width: vg.Points(1.6), Dashes: s.dashes}})
		}
	}
	drawn.X.Tick.Marker = sizes(r)
	drawn.X.Min, drawn.Y.Min = 0, 0
	return drawn, nil
}

// pointsOf returns the median times of an operation, by N.
func pointsOf(r result.Run, subject result.Subject, op result.Operation) (points plotter.XYs) {
	for _, w := range r.Works() {
		if seconds, ok := r.Median(subject, w, result.Done); ok && w.Operation == op {
			points = append(points, plotter.XY{X: float64(w.N), Y: seconds})
		}
	}
	return points
}

// sizes marks each N of running connectors.
func sizes(r result.Run) (ticks plot.ConstantTicks) {
	for _, w := range r.Works() {
		tick := plot.Tick{Value: float64(w.N), Label: strconv.Itoa(w.N)}
		if w.Operation == result.Create && !slices.Contains(ticks, tick) {
			ticks = append(ticks, tick)
		}
	}
	return ticks
}
