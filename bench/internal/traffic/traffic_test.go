package traffic_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestKind(t *testing.T) {
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/", "GET cluster"},
		{"GET", "/connectors", "GET names"},
		{"GET", "/connectors?expand=info&expand=status", traffic.Listing},
		{"POST", "/connectors", "POST connector"},
		{"GET", "/connectors/a", "GET connector"},
		{"DELETE", "/connectors/status", "DELETE connector"},
		{"GET", "/connectors/a/status", traffic.GetStatus},
		{"PUT", "/connectors/a/config", "PUT config"},
		{"POST", "/connectors/a/restart?includeTasks=true", "POST restart"},
		{"GET", "/connectors/a/tasks/0/status", "GET tasks status"},
		{"PUT", "/connector-plugins/org.example.Source/config/validate", traffic.Validate},
		{"GET", "/connector-plugins", "GET connector-plugins"},
	} {
		path, query, _ := strings.Cut(test.path, "?")
		if got := traffic.Kind(stack.Request{Method: test.method, Path: path, Query: query}); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.method, test.path, got, test.want)
		}
	}
}

func TestOf(t *testing.T) {
	start := time.Now()
	at := func(from, to int) stack.Request {
		r := stack.Request{Method: http.MethodGet, Path: "/connectors", Query: "expand=status", Status: http.StatusOK}
		r.Received, r.Answered = start.Add(time.Duration(from)*time.Second), start.Add(time.Duration(to)*time.Second)
		return r
	}
	unanswered := at(9, 0)
	unanswered.Answered, unanswered.Status = time.Time{}, 0
	refused := stack.Request{Method: http.MethodDelete, Path: "/connectors/a", Status: http.StatusConflict}
	got := traffic.Of([]stack.Request{at(0, 2), at(1, 4), at(2, 3), refused, at(4, 5), unanswered, at(30, 31)})
	want := traffic.Traffic{
		Requests: map[string]int{traffic.Listing: 6, "DELETE connector": 1},
		Refused:  map[string]int{"409": 1},
		Listings: &traffic.Polling{MostAtOnce: 2, MedianGap: 2},
	}
	if !reflect.DeepEqual(got, want) || got.Total() != 7 {
		t.Errorf("got %+v with %+v, want %+v with %+v", got, got.Listings, want, want.Listings)
	}
	if none := traffic.Of(nil); none.Total() != 0 || none.Listings != nil {
		t.Errorf("got %+v", none)
	}
}
