package connectclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Cluster describes the worker that answered.
type Cluster struct {
	Version        string `json:"version"` // of the worker, in the form of its vendor
	Commit         string `json:"commit"`
	KafkaClusterID string `json:"kafka_cluster_id"`
}

// Version is a version of Apache Kafka.
type Version struct {
	Major, Minor, Patch int
}

// String returns "major.minor.patch".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// Compare returns -1, 0 or 1 if v is older than, equal to or newer than the other version.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor), cmp.Compare(v.Patch, other.Patch))
}

var versionPattern = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.(\d+))?`)

// KafkaVersion returns the version of Apache Kafka that the worker is built from, and false if the version cannot be
// parsed. Versions of Confluent Platform (7.6.0-ccs) are translated (3.6.0).
func (c Cluster) KafkaVersion() (Version, bool) {
	m := versionPattern.FindStringSubmatch(c.Version)
	if m == nil {
		return Version{}, false
	}
	var v Version
	for i, part := range []*int{&v.Major, &v.Minor, &v.Patch} {
		*part, _ = strconv.Atoi(m[i+1]) // digits, or empty for 0
	}
	if strings.HasSuffix(c.Version, "-ccs") || strings.HasSuffix(c.Version, "-ce") {
		v = fromConfluent(v)
	}
	return v, true
}

// fromConfluent returns the version of Apache Kafka in a release of Confluent Platform: 5.x contains 2.x, 6.x contains 2.6
// to 2.8, and since 7.0 the major version is four higher.
func fromConfluent(v Version) Version {
	switch {
	case v.Major >= 7:
		v.Major -= 4
	case v.Major == 6:
		v.Major, v.Minor = 2, v.Minor+6
	case v.Major == 5:
		v.Major = 2
	}
	return v
}

// Cluster returns the description of the worker that answers. Like every request, it is retried until ctx ends.
func (c *Client) Cluster(ctx context.Context) (Cluster, error) {
	// GET /
	var cluster Cluster
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/", out: &cluster})
	return cluster, err
}

// feature is a function that some supported versions of the worker do not have.
type feature struct {
	name  string
	since Version
}

var (
	featureStop           = feature{"stopping a connector", Version{3, 5, 0}}                       // KIP-875
	featurePluginConfig   = feature{"listing the keys of a plugin", Version{3, 2, 0}}               // KIP-769
	featureOffsets        = feature{"reading a connector's offsets", Version{3, 5, 0}}              // KIP-875
	featureInitialOffsets = feature{"creating a connector at given offsets", Version{3, 7, 0}}      // KIP-875, KIP-980
	featureAlterOffsets   = feature{"changing a connector's offsets", Version{3, 6, 0}}             // KIP-875
	featureExactlyOnce    = feature{"exactly-once support of a source connector", Version{3, 3, 0}} // KIP-618
	featurePluginVersions = feature{"several versions of a plugin", Version{4, 1, 0}}               // KIP-891
)

// keyFeatures are keys of configurations that older workers accept and ignore.
var keyFeatures = []struct {
	keys  *regexp.Regexp
	since Version
}{
	{regexp.MustCompile(`^(connector|(key|value|header)\.converter|(transforms|predicates)\.[^.]+)\.plugin\.version$`), featurePluginVersions.since}, // KIP-891
	{regexp.MustCompile(`^(exactly\.once\.support|transaction\.boundary)$`), featureExactlyOnce.since},                                               // KIP-618
}

// RequireKey returns an [*UnsupportedError] for a key of a connector's configuration that this worker would accept and
// ignore because it is too old.
func (c Cluster) RequireKey(key string) error {
	for _, f := range keyFeatures {
		if f.keys.MatchString(key) {
			return c.require(feature{key, f.since})
		}
	}
	return nil
}

// require returns an [*UnsupportedError] if this worker is known to be too old for the feature.
func (c Cluster) require(f feature) error {
	if have, ok := c.KafkaVersion(); ok && !have.AtLeast(f.since.Major, f.since.Minor) {
		return &UnsupportedError{Feature: f.name, Have: c.Version, Need: f.since}
	}
	return nil
}

// UnsupportedError reports that the worker is too old for a feature. It is [ErrUnsupported].
type UnsupportedError struct {
	Feature string // such as "stopping a connector"
	Have    string // the version of the worker
	Need    Version
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s needs Kafka Connect %d.%d or later; the worker runs %s", e.Feature, e.Need.Major, e.Need.Minor, e.Have)
}

// Is reports whether target is [ErrUnsupported].
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// explain replaces an [ErrUnsupported] by an [*UnsupportedError] if the worker is too old for the feature. Other errors
// stay, and so does an ErrUnsupported with another reason, such as a wrong path in the URL.
func (c *Client) explain(ctx context.Context, err error, f feature) error {
	if tooOld := (*UnsupportedError)(nil); errors.Is(err, ErrUnsupported) && errors.As(c.require(ctx, f), &tooOld) {
		return tooOld
	}
	return err
}

// require returns an [*UnsupportedError] if the worker that answers is known to be too old for the feature.
func (c *Client) require(ctx context.Context, f feature) error {
	cluster, err := c.Cluster(ctx)
	if err != nil {
		return err
	}
	return cluster.require(f)
}
