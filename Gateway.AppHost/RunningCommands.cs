namespace Xmtp.Gateway.AppHost;

/// <summary>Commands of the dashboard that are there while their resource runs.</summary>
internal static class RunningCommands
{
    /// <summary>Adds a command. What it throws is reported to the user.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="name">The command's name.</param>
    /// <param name="title">Its text in the dashboard.</param>
    /// <param name="icon">Its icon, of Fluent UI.</param>
    /// <param name="run">What it does.</param>
    /// <param name="inputs">What the user is asked for before; null for nothing.</param>
    public static IResourceBuilder<T> WithRunningCommand<T>(
        this IResourceBuilder<T> resource,
        string name,
        string title,
        string icon,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> run,
        InteractionInput[]? inputs = null)
        where T : IResource
    {
        var options = new CommandOptions
        {
            IconName = icon,
            UpdateState = state => state.ResourceSnapshot.State?.Text == KnownResourceStates.Running
                ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled,
        };
        if (inputs is not null) options.Arguments = inputs;
        return resource.WithCommand(name, title, context => RunAsync(context, run), options);
    }

    private static async Task<ExecuteCommandResult> RunAsync(
        ExecuteCommandContext context, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> run)
    {
        try
        {
            return await run(context);
        }
#pragma warning disable CA1031 // Any error is reported to the user.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return CommandResults.Failure(exception.Message);
        }
    }
}
