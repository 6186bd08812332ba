namespace Xmtp.Gateway.AppHost.Terminal;

/// <summary>The description of a resource's failure.</summary>
/// <param name="Words">What happened and what to do, in one line.</param>
/// <param name="IsFinal">Whether the resource cannot recover by itself.</param>
internal sealed record ResourceFailure(string Words, bool IsFinal)
{
    private const string WithoutContainers = "`dotnet run --project Gateway.AppHost -- --containers no` runs without containers.";

    /// <summary>The failure that a change reports; null when it reports none.</summary>
    public static ResourceFailure? Of(ResourceEvent change)
    {
        var (resource, state) = (change.Resource, change.Snapshot.State?.Text);
        if (state == KnownResourceStates.FailedToStart)
        {
            return new(resource.TryGetContainerImageName(out var image)
                ? $"{resource.Name} cannot start: its image {image} cannot be pulled, or the container cannot run. `docker " +
                    $"pull {image}` says why; {WithoutContainers}"
                : $"{resource.Name} cannot start. {Advice(resource)}", IsFinal: true);
        }
        if (state == KnownResourceStates.RuntimeUnhealthy)
        {
            return new(
                $"{resource.Name} waits for the container runtime, which does not answer: start it, or end this; {WithoutContainers}",
                IsFinal: false);
        }
        if ((state == KnownResourceStates.Exited || state == KnownResourceStates.Finished)
            && (change.Snapshot.ExitCode is not 0 || resource.IsContainer()))
        {
            return new(
                $"{resource.Name} has " +
                $"ended{(change.Snapshot.ExitCode is { } code ? $" with exit code {code}" : string.Empty)}. {Advice(resource)}",
                IsFinal: false);
        }
        return null;
    }

    /// <summary>What to do about a resource that failed while running.</summary>
    public static string Advice(IResource resource) => resource.IsContainer()
        ? $"If the container runtime has ended, start it and this application again; {WithoutContainers}"
        : "The dashboard has its log.";
}
