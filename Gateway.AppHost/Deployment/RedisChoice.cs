namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>The Redis of a deployment: its own, or an existing one. The application and azd's templates must agree.</summary>
internal static class RedisChoice
{
    /// <summary>The variable to set with <c>azd env set</c>; azd's templates read it.</summary>
    public const string Variable = "XMTP_APPHOST_REDIS";

    /// <summary>An existing Redis.</summary>
    public const string Managed = "managed";

    /// <summary>A container in the deployment.</summary>
    public const string Container = "container";

    /// <summary>Whether an existing Redis is used.</summary>
    /// <param name="given">The value from the command line or the process's variable; null when there is neither.</param>
    /// <param name="environments">azd's environments that may be in use.</param>
    /// <exception cref="ArgumentException">They do not agree; the message says how to fix that.</exception>
    public static bool IsManaged(string? given, IReadOnlyList<AzdEnvironment> environments)
    {
        var values = environments.Select(
            environment => (environment.Name, Value: environment[Variable] is { Length: > 0 } value ? value : Container)).ToList();
        if (values.Find(environment => environment.Value is not (Managed or Container)) is { Name: not null } wrong)
        {
            throw new ArgumentException(
                $"{Variable} of azd's environment {wrong.Name}: expected {Container}, {Managed}, not '{wrong.Value}'");
        }
        if (values.Select(environment => environment.Value).Distinct().Count() > 1)
        {
            throw new ArgumentException(
                $"{Variable} differs between azd's environments {string.Join(", ", values.Select(environment => environment.Name))}: " +
                $"select one with export AZURE_ENV_NAME=NAME");
        }
        if (values.Count > 0 && given is not null && given != values[0].Value)
        {
            throw new ArgumentException(
                $"--redis ({Variable}) is {given} here and {values[0].Value} in azd's environment {values[0].Name}, which its templates " +
                $"read: azd env set {Variable} {given}");
        }
        return (given ?? values.FirstOrDefault().Value) == Managed;
    }
}
