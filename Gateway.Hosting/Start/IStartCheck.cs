namespace Xmtp.Gateway.Hosting.Start;

/// <summary>A check before the gateway listens. All checks run at once, and all their faults are listed.</summary>
internal interface IStartCheck
{
    /// <summary>What it checks, as the doctor names it.</summary>
    string Subject => "start";

    /// <summary>Whether it finds faults in a gateway that runs, such as ports that are taken: the gateway's own.</summary>
    bool IsBeforeStart => false;

    /// <summary>Runs the check and returns the faults; each names the flag and the variable to change, and no secret.</summary>
    Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken);
}
