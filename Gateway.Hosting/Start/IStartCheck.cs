namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Something that must be true before the gateway listens. All checks run at once, and all their faults are listed.</summary>
internal interface IStartCheck
{
    /// <summary>Checks, and returns the faults; each names the flag and the variable that mend it, and no secret.</summary>
    Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken);
}
