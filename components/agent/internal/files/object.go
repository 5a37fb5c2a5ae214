package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

const (
	// More than any file of a description.
	mostBytes = 64 << 20
	// SHA-256 of nothing: a GET has no body.
	emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	// Where ECS serves the credentials of a task's role.
	credentialsHost = "http://169.254.170.2"
)

// errUnchanged says that the content is still the one that was read last.
var errUnchanged = errors.New("unchanged")

// object is one at S3, read with the credentials of the task.
type object struct {
	bucket, key string
	client      *http.Client
	credentials aws.CredentialsProvider
	tag         string
}

func newObject(place string) source {
	bucket, key, _ := strings.Cut(place, "/")
	return &object{
		bucket: bucket, key: key,
		client:      &http.Client{Timeout: 10 * time.Second},
		credentials: aws.NewCredentialsCache(taskCredentials()),
	}
}

// taskCredentials are those of the environment, else those that ECS serves.
func taskCredentials() aws.CredentialsProvider {
	if id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		return credentials.NewStaticCredentialsProvider(id, secret, os.Getenv("AWS_SESSION_TOKEN"))
	}
	place := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if relative := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); place == "" && relative != "" {
		place = credentialsHost + relative
	}
	return endpointcreds.New(place, func(options *endpointcreds.Options) {
		options.AuthorizationToken = os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	})
}

func (o *object) read(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url(), nil)
	if err != nil {
		return nil, err
	}
	if o.tag != "" {
		request.Header.Set("If-None-Match", o.tag)
	}
	request.Header.Set("X-Amz-Content-Sha256", emptyPayload)
	granted, err := o.credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("no credentials of the task: %w", err)
	}
	sign := signer.NewSigner(func(options *signer.SignerOptions) { options.DisableURIPathEscaping = true })
	err = sign.SignHTTP(ctx, granted, request, emptyPayload, "s3", os.Getenv("AWS_REGION"), time.Now())
	if err != nil {
		return nil, err
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusNotModified:
		return nil, errUnchanged
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("s3:%s/%s: S3 answered %s", o.bucket, o.key, response.Status)
	}
	o.tag = response.Header.Get("ETag")
	return content, nil
}

// url has the bucket as its host, or in its path where another endpoint is given.
func (o *object) url() string {
	path := escape(o.key)
	for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"} {
		if endpoint := os.Getenv(name); endpoint != "" {
			return strings.TrimRight(endpoint, "/") + "/" + o.bucket + "/" + path
		}
	}
	return "https://" + o.bucket + ".s3." + os.Getenv("AWS_REGION") + ".amazonaws.com/" + path
}

func escape(key string) string {
	parts := strings.Split(key, "/")
	for index, part := range parts {
		parts[index] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}
