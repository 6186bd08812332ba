using Xmtp.Gateway.AppHost.Deployment;

namespace Xmtp.Gateway.AppHost.Store;

/// <summary>The store that replicas share: a container, an existing Redis, or a server process on this machine.</summary>
internal static class SharedStore
{
    // A tool package, run without an installation when there is no redis-server on the PATH.
    private const string Garnet = "garnet-server@2.2.8";

    /// <summary>Adds the store.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddSharedStore(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, AppHostOptions options, bool containers)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            var environments = AzdEnvironment.Read(builder.AppHostDirectory, Environment.GetEnvironmentVariable);
            return RedisChoice.IsManaged(options.Redis, environments)
                ? builder.AddConnectionString(name)
                : builder.AddRedis(name).WithDataVolume("xmtp-gateway-redis").WithPersistence();
        }

        return containers ? builder.AddRedis(name).WithoutHttpsCertificate() : builder.AddLocalServer(name);
    }

    private static IResourceBuilder<RedisServerResource> AddLocalServer(this IDistributedApplicationBuilder builder, string name)
    {
        var redis = FindOnPath("redis-server");
        var server = builder.AddResource(new RedisServerResource(name, redis ?? "dotnet", Path.GetTempPath()));
        var port = server.Resource.Endpoint.Property(EndpointProperty.TargetPort);
        server.WithEndpoint(name: RedisServerResource.EndpointName, scheme: "tcp");

        // Garnet runs a script as one transaction only with this option; the gateway's scripts require it.
        return redis is not null
            ? server.WithArgs("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port")
                .WithArgs(context => context.Args.Add(port))
            : server.WithArgs("tool", "exec", Garnet, "--yes", "--", "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode", "--port")
                .WithArgs(context => context.Args.Add(port));
    }

    private static string? FindOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);
}
