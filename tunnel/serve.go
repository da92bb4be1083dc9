package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/tunnel"
)

// secured is a way whose far end speaks TLS and shows a certificate for a name.
type secured struct {
	tunnel.Way
	name string
}

// Dial gives a connection on which TLS is spoken already.
func (s secured) Dial(ctx context.Context) (net.Conn, error) {
	connection, err := s.Way.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return tls.Client(connection, &tls.Config{ServerName: s.name, MinVersion: tls.VersionTLS12}), nil
}

// open listens at an end; the task is started at the first connection.
func open(ctx context.Context, at end) (*tunnel.Tunnel, error) {
	return tunnel.Listen(ctx, at.local, at.gateway.Far(at.host, at.port), func(ctx context.Context) (tunnel.Way, error) {
		way, err := at.gateway.Open(ctx, at.host, at.port)
		if err != nil || at.name == "" {
			return way, err
		}
		return secured{way, at.name}, nil
	}, at.gateway.Tell)
}

// serve listens until the context ends.
func serve(ctx context.Context, at end, err error) error {
	if err != nil {
		return err
	}
	opened, err := open(ctx, at)
	if err != nil {
		return err
	}
	at.gateway.Tell(fmt.Sprintf(at.told, opened.Address()) + "; Ctrl-C ends")
	<-ctx.Done()
	return opened.Close()
}

// psql opens psql as Dagster's active user, whose password comes from Parameter Store.
func psql(ctx context.Context, found outputs, local int, arguments []string) error {
	at, err := found.database(local)
	if err != nil {
		return err
	}
	user, password, err := credentials(ctx, at.gateway.Region, found.Parameters)
	if err != nil {
		return err
	}
	at.local = local // any, beside a tunnel that listens at the usual one
	opened, err := open(ctx, at)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(opened.Address())
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	command := exec.Command("psql", arguments...) // which Ctrl-C is for
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "PGHOST="+host, "PGPORT="+port, "PGDATABASE="+found.DatabaseName,
		"PGUSER="+user, "PGPASSWORD="+password, "PGSSLMODE=require", "PGCONNECT_TIMEOUT="+strconv.Itoa(connectSeconds))
	if err := command.Run(); err != nil {
		return errors.Join(fmt.Errorf("psql: %w", err), opened.Close())
	}
	return opened.Close()
}

// connectSeconds is how long psql waits for the gateway's task.
const connectSeconds = 300

// credentials are those of Dagster's active user.
func credentials(ctx context.Context, region, path string) (user, password string, err error) {
	config, err := awsapi.Load(ctx, region)
	if err != nil {
		return "", "", err
	}
	client := ssm.NewFromConfig(config)
	for name, value := range map[string]*string{
		dagsterconf.DatabaseUserVariable: &user, dagsterconf.DatabasePasswordVariable: &password,
	} {
		got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(path + "/" + name), WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", "", fmt.Errorf("read the parameter %s/%s: %w", path, name, err)
		}
		*value = aws.ToString(got.Parameter.Value)
	}
	return user, password, nil
}
