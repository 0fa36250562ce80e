package tfvalue

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// PrivateReader is the private state that an operation receives.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter is the private state that an operation returns.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// ReadPrivate returns the value of the key, or the zero value if there is none. Its errors begin with what.
func ReadPrivate[T any](ctx context.Context, private PrivateReader, key, what string) (value T, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, key)
	if text == nil {
		return value, diags
	}
	if err := json.Unmarshal(text, &value); err != nil {
		diags.AddError("Unable to read the private state", what+" is damaged: "+err.Error()+".")
	}
	return value, diags
}

// SavePrivate saves a value under the key.
func SavePrivate(ctx context.Context, private PrivateWriter, key string, value any) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state", err.Error())}
	}
	return private.SetKey(ctx, key, text)
}

// SecretDigest is a salted hash of a secret. It lets a later run compare another value with the secret, which is not stored.
type SecretDigest struct {
	Salt []byte `json:"salt"`
	Hash []byte `json:"hash"` // PBKDF2 with SHA-256
}

// digestIterations make each guess at a secret cost some milliseconds.
const digestIterations = 50_000

// NewSecretDigest returns the digest of a secret, with a random salt.
func NewSecretDigest(secret string) *SecretDigest {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	return &SecretDigest{Salt: salt, Hash: digest(secret, salt)}
}

// Matches reports whether the value is the secret. No value matches a nil digest.
func (d *SecretDigest) Matches(value string) bool {
	return d != nil && subtle.ConstantTimeCompare(d.Hash, digest(value, d.Salt)) == 1
}

func digest(value string, salt []byte) []byte {
	hash, err := pbkdf2.Key(sha256.New, value, salt, digestIterations, sha256.Size)
	if err != nil {
		panic(err) // the parameters are constant and valid
	}
	return hash
}
