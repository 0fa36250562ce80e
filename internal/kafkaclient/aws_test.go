package kafkaclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awsEnvironment is an environment in which the AWS SDK finds nothing but the variables. No variable leads to the network.
func awsEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	missing := filepath.Join(t.TempDir(), "missing")
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": missing, "AWS_SHARED_CREDENTIALS_FILE": missing, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-north-1",
	} {
		t.Setenv(name, value)
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func awsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// awsServer is a server that issues numbered credentials with the lifetime: as AWS STS, as the endpoint of a container, and as
// the metadata service of an instance.
func awsServer(t *testing.T, lifetime time.Duration) (url string, issued func() int) {
	t.Helper()
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end := time.Now().Add(lifetime).UTC().Format(time.RFC3339)
		credentials := func(format string) {
			count++
			_, _ = fmt.Fprintf(w, format, count, end)
		}
		const asJSON = `{"Code":"Success","AccessKeyId":"key-%[1]d","SecretAccessKey":"secret-%[1]d","Token":"token-%[1]d","Expiration":%[2]q}`
		switch r.URL.Path {
		case "/container", "/latest/meta-data/iam/security-credentials/instance-role":
			credentials(asJSON)
		case "/latest/meta-data/iam/security-credentials/":
			_, _ = w.Write([]byte("instance-role"))
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "600")
			_, _ = w.Write([]byte("session"))
		case "/":
			if r.ParseForm() != nil || r.Form.Get("RoleArn") != "arn:aws:iam::1:role/r" || r.Form.Get("Action") == "AssumeRoleWithWebIdentity" && r.Form.Get("WebIdentityToken") != "identity" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			action := r.Form.Get("Action")
			credentials("<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>key-%[1]d</AccessKeyId><SecretAccessKey>secret-%[1]d</SecretAccessKey>" +
				"<SessionToken>token-%[1]d</SessionToken><Expiration>%[2]s</Expiration></Credentials></" + action + "Result></" + action + "Response>")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() int { return count }
}

// Credentials come from wherever the AWS SDK finds them.
func TestAWSCredentials(t *testing.T) {
	server, _ := awsServer(t, time.Hour)
	const profiles = "[default]\naws_access_key_id = default-key\naws_secret_access_key = s\n[dev]\naws_access_key_id = dev-key\naws_secret_access_key = s\n"
	roles := "[profile ops]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nregion = eu-west-1\n[profile base]\naws_access_key_id = base-key\naws_secret_access_key = s\n"
	type variables = map[string]string
	for name, test := range map[string]struct {
		settings    AWS
		environment variables
		want        string // the access key and the session token
	}{
		"settings":                 {AWS{AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "t"}, variables{"AWS_ACCESS_KEY_ID": "b", "AWS_SECRET_ACCESS_KEY": "s"}, "a t"},
		"environment":              {AWS{}, variables{"AWS_ACCESS_KEY_ID": "b", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}, "b t"},
		"default profile":          {AWS{}, variables{"AWS_SHARED_CREDENTIALS_FILE": awsFile(t, profiles)}, "default-key "},
		"profile of environment":   {AWS{}, variables{"AWS_SHARED_CREDENTIALS_FILE": awsFile(t, profiles), "AWS_PROFILE": "dev"}, "dev-key "},
		"profile before variables": {AWS{Profile: "dev"}, variables{"AWS_SHARED_CREDENTIALS_FILE": awsFile(t, profiles), "AWS_ACCESS_KEY_ID": "b", "AWS_SECRET_ACCESS_KEY": "s"}, "dev-key "},
		"role of a profile":        {AWS{Profile: "ops"}, variables{"AWS_CONFIG_FILE": awsFile(t, roles), "AWS_ENDPOINT_URL_STS": server}, "key token"},
		"role":                     {AWS{AccessKeyID: "a", SecretAccessKey: "s", RoleARN: "arn:aws:iam::1:role/r"}, variables{"AWS_ENDPOINT_URL_STS": server}, "key token"},
		"web identity": {AWS{}, variables{
			"AWS_ENDPOINT_URL_STS": server, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": awsFile(t, "identity"),
		}, "key token"},
		"container": {AWS{}, variables{"AWS_CONTAINER_CREDENTIALS_FULL_URI": server + "/container"}, "key token"},
		"instance":  {AWS{}, variables{"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server}, "key token"},
	} {
		t.Run(name, func(t *testing.T) {
			awsEnvironment(t, test.environment)
			got, err := (&awsCredentials{settings: test.settings}).auth(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			issued, _, _ := strings.Cut(got.AccessKey+"-", "-")
			if token, _, _ := strings.Cut(got.SessionToken, "-"); issued+" "+token != test.want && got.AccessKey+" "+token != test.want {
				t.Errorf("got key %s and token %s, want %s", got.AccessKey, got.SessionToken, test.want)
			}
		})
	}
}

// Connections share credentials until these are about to end.
func TestAWSCredentialsAreRenewed(t *testing.T) {
	for lifetime, want := range map[time.Duration]int{time.Hour: 1, awsRenewal - time.Minute: 3} {
		server, issued := awsServer(t, lifetime)
		awsEnvironment(t, map[string]string{"AWS_ENDPOINT_URL_STS": server})
		c := &awsCredentials{settings: AWS{AccessKeyID: "a", SecretAccessKey: "s", RoleARN: "arn:aws:iam::1:role/r"}}
		for i := range 3 {
			got, err := c.auth(t.Context())
			if last := fmt.Sprintf("key-%d", min(i+1, want)); err != nil || got.AccessKey != last {
				t.Errorf("lifetime %s: connection %d has %s, %v", lifetime, i, got.AccessKey, err)
			}
		}
		if issued() != want {
			t.Errorf("lifetime %s: %d credentials for 3 connections", lifetime, issued())
		}
	}
}

// Missing credentials are an error that says where to set them. A file that appears later is read.
func TestAWSCredentialsAreMissing(t *testing.T) {
	awsEnvironment(t, nil)
	c := &awsCredentials{}
	if _, err := c.auth(t.Context()); !errors.Is(err, ErrUnauthenticated) || !strings.Contains(err.Error(), "AWS_PROFILE") {
		t.Errorf("got %v", err)
	}
	for _, c := range []*awsCredentials{{settings: AWS{Profile: "missing"}}, {settings: AWS{AccessKeyID: "a", SecretAccessKey: "hunter2", RoleARN: "arn:aws:iam::1:role/other"}}} {
		server, _ := awsServer(t, time.Hour)
		t.Setenv("AWS_ENDPOINT_URL_STS", server)
		if _, err := c.auth(t.Context()); !errors.Is(err, ErrUnauthenticated) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", awsFile(t, "[missing]\naws_access_key_id = late\naws_secret_access_key = s\n"))
	c = &awsCredentials{settings: AWS{Profile: "missing"}}
	if got, err := c.auth(t.Context()); err != nil || got.AccessKey != "late" {
		t.Errorf("got %s, %v", got.AccessKey, err)
	}
}
