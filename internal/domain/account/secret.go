package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"strings"
)

// keys are derived from the installation's key, one per use.
type keys struct {
	seal cipher.AEAD
	mac  []byte
}

func newKeys(secret []byte) (keys, error) {
	if len(secret) != 32 {
		return keys{}, errors.New("account: the key must be 32 bytes")
	}
	enc, err := hkdf.Key(sha256.New, secret, nil, "qiban account seal", 32)
	if err != nil {
		return keys{}, err
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "qiban account mac", 32)
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return keys{}, err
	}
	gcm, err := cipher.NewGCM(block)
	return keys{seal: gcm, mac: mac}, err
}

// digest is what the database keeps of a token or code. use keeps digests of
// different things apart.
func (k keys) digest(use string, parts ...string) string {
	h := hmac.New(sha256.New, k.mac)
	_, _ = h.Write([]byte(use))
	for _, p := range parts {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// close encrypts a secret for one owner; open of another owner's fails.
func (k keys) close(owner, plain string) string {
	nonce := make([]byte, k.seal.NonceSize())
	_, _ = rand.Read(nonce)
	return base64.RawStdEncoding.EncodeToString(k.seal.Seal(nonce, nonce, []byte(plain), []byte(owner)))
}

func (k keys) open(owner, sealed string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < k.seal.NonceSize() {
		return "", errors.New("account: a sealed secret is damaged")
	}
	n := k.seal.NonceSize()
	plain, err := k.seal.Open(nil, raw[:n], raw[n:], []byte(owner))
	if err != nil {
		return "", errors.New("account: a sealed secret does not open with this key")
	}
	return string(plain), nil
}

// device makes the cookie that marks a browser, or keeps the one it has. Only
// cookies signed here are kept, so nobody can be given a chosen one.
func (k keys) device(given string) string {
	if id, mac, ok := strings.Cut(given, "."); ok && same(mac, k.digest("device cookie", id)) {
		return given
	}
	id := rand.Text()
	return id + "." + k.digest("device cookie", id)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// newToken is a session token: 256 random bits.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// People read codes aloud and type them: no I, L, O, U (Crockford's base 32).
var codeAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newCode is a code of eight letters and digits: 40 random bits, shown in two
// groups of four.
func newCode() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b)
	return written(b)
}

// code is the same for the same parts, and known to nobody without the secret.
func (k keys) code(use string, parts ...string) string {
	raw, err := base64.RawURLEncoding.DecodeString(k.digest(use, parts...))
	if err != nil {
		panic(err) // it was written so a line before
	}
	return written(raw[:5])
}

// written is a code of five bytes as people type it.
func written(b []byte) string {
	c := codeAlphabet.EncodeToString(b)
	return c[:4] + "-" + c[4:]
}

// typedCode reads a code as people type it: any case, spaces and dashes, O for
// 0, I and L for 1, full-width letters.
func typedCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '!'+0xFEE0 && r <= '~'+0xFEE0 {
			r -= 0xFEE0
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, s)
}

// base32Secret is a second factor's key as bytes.
func base32Secret(s string) ([]byte, error) {
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
}
