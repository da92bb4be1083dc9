package hidden

type Struct struct{ Deep Inner }

type Inner struct{ Text string }

type Named struct{}

type Choice string
