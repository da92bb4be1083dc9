package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"dagster-ecs/internal/rules"
)

// manifest is what a registry keeps of an image. Its layers stay in the container engine, from which the emulated ECS
// takes them.
const manifest = `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",` +
	`"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":0,"digest":%q},"layers":[]}`

// Publish tells the account's registry that an image is there, which the engine knows by an id: what a person does by hand
// in an account (docs/deploy.md, The image). One of another registry is left alone. env is that of the account's
// administrator.
func Publish(ctx context.Context, env map[string]string, account, image, id string) error {
	parts, private := rules.OfECR(image)
	if !private || parts.Account != account {
		return nil
	}
	api := ecr.NewFromConfig(Config(env), func(o *ecr.Options) { o.Region = parts.Region })
	_, err := api.CreateRepository(ctx, &ecr.CreateRepositoryInput{
		RepositoryName: &parts.Repository, ImageTagMutability: types.ImageTagMutabilityImmutable,
	})
	if there := (*types.RepositoryAlreadyExistsException)(nil); err != nil && !errors.As(err, &there) {
		return fmt.Errorf("make the repository %s: %w", parts.Repository, err)
	}
	content := fmt.Sprintf(manifest, id)
	_, err = api.PutImage(ctx, &ecr.PutImageInput{RepositoryName: &parts.Repository, ImageTag: &parts.Tag, ImageManifest: &content})
	there, tagged := (*types.ImageAlreadyExistsException)(nil), (*types.ImageTagAlreadyExistsException)(nil)
	if err != nil && !errors.As(err, &there) && !errors.As(err, &tagged) {
		return fmt.Errorf("put the image %s into its repository: %w", image, err)
	}
	return nil
}
