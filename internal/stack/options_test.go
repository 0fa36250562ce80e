package stack

import (
	"fmt"
	"strings"
	"testing"
)

func TestOptionsDefaults(t *testing.T) {
	t.Setenv(BrokerVersionVariable, "")
	o, err := Options{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if o.Brokers != 1 || o.Workers != 1 || o.BrokerVersion != DefaultVersion || o.WorkerVersion != DefaultVersion || o.RESTScheme != HTTP {
		t.Errorf("defaults are %+v", o)
	}
	if other, _ := (Options{}).withDefaults(); other.GroupID == o.GroupID {
		t.Errorf("two stacks have the group %s", o.GroupID)
	}
	if o, _ = (Options{Workers: NoWorkers}).withDefaults(); o.Workers != 0 {
		t.Errorf("NoWorkers gives %d workers", o.Workers)
	}
	t.Setenv(BrokerVersionVariable, "3.9.1")
	if o, _ = (Options{}).withDefaults(); o.BrokerVersion != "3.9.1" || o.WorkerVersion != DefaultVersion {
		t.Errorf("with %s set, brokers are %s and workers %s", BrokerVersionVariable, o.BrokerVersion, o.WorkerVersion)
	}
	if o, _ = (Options{BrokerVersion: "2.8.2"}).withDefaults(); o.BrokerVersion != "2.8.2" {
		t.Errorf("%s overrides an option", BrokerVersionVariable)
	}
}

func TestOptionsRefused(t *testing.T) {
	for want, o := range map[string]Options{
		"-1 brokers":             {Brokers: -1},
		"-2 workers":             {Workers: -2},
		`"../x" is not`:          {WorkerVersion: "../x"},
		`"4.1" is not`:           {BrokerVersion: "4.1"},
		`2.7.2 are too old`:      {BrokerVersion: "2.7.2"},
		`REST scheme "gopher"`:   {RESTScheme: "gopher"},
		`user name "with blank"`: {Users: []User{{Name: "with blank"}}},
	} {
		if _, err := o.withDefaults(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}

func TestUserHidesPassword(t *testing.T) {
	u := User{Name: "someone", Password: "hunter2"}
	if s := fmt.Sprintf("%v %+v %#v %s %+v", u, u, u, u, Options{Users: []User{u}}); strings.Contains(s, "hunter2") {
		t.Errorf("printed as %s", s)
	}
}
