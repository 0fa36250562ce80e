package main

import "testing"

func TestCatalogueMergesVersions(t *testing.T) {
	t.Parallel()
	merged := newCatalogue()
	for _, version := range []struct {
		name  string
		lines []string
	}{
		{"1.0.2", []string{
			"distributed\tboth\tSTRING\t=old\t[b, a]\t",
			"standalone\tboth\tSTRING\t=old\t[b, a]\t",
			"distributed\tgone\tINT\t\t\t0..",
		}},
		{"2.1.0", []string{
			"distributed\tboth\tSTRING\t=new\t(case insensitive) [c, a]\t",
			"standalone\tboth\tSTRING\t=new\t(case insensitive) [c, a]\t",
			"standalone\tcame\tDOUBLE\t=\t\t0.5..1.0",
			"topic\tretention.ms\tSTRING\t\t\t",
		}},
	} {
		if err := merged.add(version.name, version.lines); err != nil {
			t.Fatal(err)
		}
	}
	const want = `{
"versions": ["1.0.2","2.1.0"],
"worker": [
{"name":"both","type":"STRING","mode":"both","default":"new","values":["a","b","c"],"ignore_case":true},
{"name":"came","type":"DOUBLE","mode":"standalone","min":0.5,"max":1.0,"since":"2.1"},
{"name":"gone","type":"INT","mode":"distributed","required":true,"min":0,"until":"1.0"}
],
"producer": [
],
"consumer": [
],
"admin": [
],
"topic": [
{"name":"retention.ms","type":"STRING","since":"2.1"}
]
}
`
	if got := string(merged.encode()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if err := merged.add("3.0.0", []string{"distributed\tshort"}); err == nil {
		t.Error("a line that lacks fields must be an error")
	}
}
