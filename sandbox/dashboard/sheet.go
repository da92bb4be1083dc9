package dashboard

import (
	"fmt"
	"image/color"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a cell of the grid, and what lies around a widget, in points.
const (
	cellWidth  vg.Length = 50
	cellHeight vg.Length = 34
	gap        vg.Length = 6
)

// Colors of alarms' states.
var (
	good    = color.RGBA{G: 128, A: 255}
	bad     = color.RGBA{R: 200, A: 255}
	unknown = color.Gray{Y: 128}
)

// sheet is the picture of a dashboard.
type sheet struct {
	canvas *vgsvg.Canvas
	whole  draw.Canvas
}

func newSheet(page body) *sheet {
	columns, rows := 0, 0
	for _, each := range page.Widgets {
		columns, rows = max(columns, each.X+each.Width), max(rows, each.Y+each.Height)
	}
	canvas := vgsvg.New(vg.Length(columns)*cellWidth, vg.Length(rows)*cellHeight)
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	return &sheet{canvas: canvas, whole: whole}
}

// place is where a widget stands. The grid begins at the top, a canvas at the bottom.
func (s *sheet) place(w widget) draw.Canvas {
	top := s.whole.Max.Y - vg.Length(w.Y)*cellHeight
	left := s.whole.Min.X + vg.Length(w.X)*cellWidth
	return draw.Canvas{Canvas: s.whole.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: left + gap, Y: top - vg.Length(w.Height)*cellHeight + gap},
		Max: vg.Point{X: left + vg.Length(w.Width)*cellWidth - gap, Y: top - gap},
	}}
}

func style(size vg.Length, c color.Color) text.Style {
	return text.Style{Color: c, Font: font.From(plot.DefaultFont, size), YAlign: draw.YTop, Handler: plot.DefaultTextHandler}
}

func (s *sheet) heading(w widget, words string) {
	at := s.place(w)
	at.FillText(style(16, color.Black), vg.Point{X: at.Min.X, Y: at.Max.Y}, words)
}

// alarms writes the names of alarms in the colors of their states.
func (s *sheet) alarms(w widget, states map[string]types.StateValue) {
	at := s.place(w)
	at.FillText(style(14, color.Black), vg.Point{X: at.Min.X, Y: at.Max.Y}, w.Properties.Title)
	const perRow, line = 5, 13
	for i, name := range slices.Sorted(maps.Keys(states)) {
		shown := colorOf(states[name])
		x := at.Min.X + vg.Length(i%perRow)*(at.Max.X-at.Min.X)/perRow
		y := at.Max.Y - vg.Points(20) - vg.Length(i/perRow)*vg.Points(line)
		at.FillText(style(9, shown), vg.Point{X: x, Y: y}, fmt.Sprintf("%s %s", states[name], name))
	}
}

func colorOf(state types.StateValue) color.Color {
	switch state {
	case types.StateValueOk:
		return good
	case types.StateValueAlarm:
		return bad
	default:
		return unknown
	}
}

// graph draws metrics over time, from zero up as the dashboard says.
func (s *sheet) graph(w widget, lines []series, from, until time.Time) error {
	p := plot.New()
	p.Title.Text = w.Properties.Title
	p.X.Tick.Marker = plot.TimeTicks{Format: "15:04"}
	p.X.Min, p.X.Max = float64(from.Unix()), float64(until.Unix())
	p.Legend.Top, p.Legend.Left = true, true
	top := 0.0
	for i, each := range lines {
		points := make(plotter.XYs, len(each.values))
		for j, value := range each.values {
			points[j].X, points[j].Y = float64(each.times[j].Unix()), value
			top = max(top, value)
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return fmt.Errorf("draw %s of %q: %w", each.name, w.Properties.Title, err)
		}
		line.Color = plotutil.Color(i)
		p.Add(line)
		p.Legend.Add(each.name, line)
	}
	p.Y.Min, p.Y.Max = 0, max(1, top*1.4)
	p.Add(plotter.NewGrid())
	p.Draw(s.place(w))
	return nil
}

func (s *sheet) write(out io.Writer) error {
	if _, err := s.canvas.WriteTo(out); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
