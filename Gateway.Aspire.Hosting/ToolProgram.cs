using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Xmtp.Gateway.Aspire.Hosting;

/// <summary>
/// The program of a resource: by default the tool package of this package's own version, which the .NET SDK fetches and keeps, or
/// what <see cref="XmtpGatewayHosting.RunAsExecutable"/> names.
/// </summary>
/// <remarks>
/// A process and no container, because the nodes of a local network are registered at 127.0.0.1, which means another machine
/// inside a container.
/// </remarks>
internal static class ToolProgram
{
    /// <summary>What runs a tool package.</summary>
    public const string Command = "dotnet";

    /// <summary>The version of the tools, and of the image: that of this assembly.</summary>
    public static string Version { get; } =
        typeof(ToolProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Runs a tool package.</summary>
    public static IResourceBuilder<T> WithTool<T>(this IResourceBuilder<T> builder, string package)
        where T : ExecutableResource => builder
            .WithAnnotation(new Arguments(["tool", "exec", $"{package}@{Version}", "--yes", "--"]))
            .WithArgs(context =>
            {
                foreach (var argument in builder.Resource.Annotations.OfType<Arguments>().Last().Words) context.Args.Add(argument);
            });

    /// <summary>Runs another program in its place.</summary>
    public static void Replace(ExecutableResource resource, string command, IReadOnlyList<string> arguments)
    {
        foreach (var program in resource.Annotations.OfType<ExecutableAnnotation>()) program.Command = command;
        resource.Annotations.Add(new Arguments(arguments));
    }

    private sealed record Arguments(IReadOnlyList<string> Words) : IResourceAnnotation;
}
