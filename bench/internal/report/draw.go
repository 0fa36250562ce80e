package report

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// write draws the figure into the folder.
func (f figure) write(folder string) error {
	width, height := panelWidth*vg.Length(len(f.panels)), vg.Length(panelHeight)
	canvas := vgsvg.New(width, height)
	area := draw.New(canvas)
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	tiles := draw.Tiles{Rows: 1, Cols: len(f.panels), PadX: 2 * margin, PadLeft: margin, PadRight: margin, PadTop: margin, PadBottom: margin}
	row := make([]*plot.Plot, 0, len(f.panels))
	for _, p := range f.panels {
		drawn, err := p.plot()
		if err != nil {
			return err
		}
		row = append(row, drawn)
	}
	for i, tile := range plot.Align([][]*plot.Plot{row}, tiles, area)[0] {
		row[i].Draw(tile)
	}
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, f.file), withCommonFonts(text.Bytes()), 0o644)
}

// withCommonFonts adds fonts of the same widths as fallbacks, because many systems lack the font of the layout.
func withCommonFonts(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans"), []byte("font-family:'Liberation Sans',Arial,Helvetica"))
}

// plot makes the plot. The legend is at the top left, because the lines rise to the right.
func (p panel) plot() (*plot.Plot, error) {
	drawn := plot.New()
	drawn.Title.Text, drawn.X.Label.Text, drawn.Y.Label.Text = p.title, "connectors (N)", p.y
	drawn.Title.Padding = vg.Points(8)
	for _, text := range []*font.Font{
		&drawn.Title.TextStyle.Font, &drawn.X.Label.TextStyle.Font, &drawn.Y.Label.TextStyle.Font,
		&drawn.X.Tick.Label.Font, &drawn.Y.Tick.Label.Font, &drawn.Legend.TextStyle.Font,
	} {
		text.Typeface, text.Variant, text.Size = "Liberation", "Sans", vg.Points(11)
	}
	drawn.Title.TextStyle.Font.Size = vg.Points(14)
	drawn.Legend.Top, drawn.Legend.Left = true, true
	drawn.Legend.Padding = vg.Points(2)
	drawn.Legend.XOffs, drawn.Legend.YOffs = vg.Points(8), -vg.Points(4)

	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.Gray{Y: 0xdd}
	drawn.Add(grid)
	top := 0.0
	for _, l := range p.lines {
		curve, points, err := plotter.NewLinePoints(l.points)
		if err != nil {
			return nil, err
		}
		curve.LineStyle = l.style
		points.GlyphStyle = draw.GlyphStyle{Color: l.style.Color, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
		drawn.Add(curve, points)
		drawn.Legend.Add(l.name, curve, points)
		for _, point := range l.points {
			top = max(top, point.Y)
		}
	}
	drawn.X.Tick.Marker = ticksAt(p.sizes())
	drawn.Y.Min, drawn.Y.Max = 0, top*1.1
	drawn.Y.Tick.Marker = roundTicks(drawn.Y.Max)
	drawn.X.Min = 0
	return drawn, nil
}

// sizes returns every N of the panel, without duplicates.
func (p panel) sizes() (list []float64) {
	for _, l := range p.lines {
		for _, point := range l.points {
			if !slices.Contains(list, point.X) {
				list = append(list, point.X)
			}
		}
	}
	return list
}

// ticksAt marks the measured sizes.
func ticksAt(sizes []float64) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, size := range sizes {
		ticks = append(ticks, plot.Tick{Value: size, Label: strconv.Itoa(int(size))})
	}
	return ticks
}

// roundTicks marks about four to eight round numbers up to the top.
func roundTicks(top float64) plot.ConstantTicks {
	step := math.Pow(10, math.Floor(math.Log10(top))) // one to nine ticks
	switch {
	case top/step < 2:
		step /= 5
	case top/step < 4:
		step /= 2
	}
	var ticks plot.ConstantTicks
	for i := 0; float64(i)*step <= top; i++ {
		value := float64(i) * step
		ticks = append(ticks, plot.Tick{Value: value, Label: strconv.FormatFloat(value, 'g', 4, 64)})
	}
	return ticks
}
