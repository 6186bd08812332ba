using System.Reflection;
using Xmtp.Gateway.AppHost.Tests.TestSupport;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>An application of someone else's, with a network and a gateway from the package Xmtp.Gateway.Aspire.Hosting.</summary>
public sealed class IntegrationTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    // A welcome message for some installation, as Connect JSON; the shell sends it to the host that it was handed.
    private const string Client = """
        curl -sf "$XMTP_GATEWAY_HOST/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes" -H 'content-type: application/json' -d '
          {"envelopes":[{"aad":{"targetTopic":"AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"},"welcomeMessage":{"v1":{
          "installationKey":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=","data":"aGVsbG8="}}}]}' | grep -q originatorSignature &&
          [ "$XMTP_ENV" = local ]
        """;

    private static readonly string Version = typeof(XmtpGatewayHosting).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_lines_put_a_network_into_an_application_and_its_clients_publish()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(WaitTimeout);
        var builder = New();

        var xmtp = builder.AddXmtpDevNet("xmtp")
            .RunAsExecutable("dotnet", BuiltPrograms.Of(new Projects.Gateway_DevNet(), "Gateway.DevNet"));
        var gateway = builder.AddXmtpGateway("gateway").WithNetwork(xmtp)
            .RunAsExecutable("dotnet", BuiltPrograms.Of(new Projects.Gateway_Api(), "xmtp-gateway"));
        builder.AddExecutable("client", "sh", ".", "-c", Client).WithReference(gateway).WaitFor(gateway);
        builder.AddExecutable("other-client", "sh", ".", "-c", Client).WithReference(xmtp).WaitFor(xmtp);

        await using var app = builder.Build();
        await app.StartAsync(timeout.Token);
        foreach (var client in new[] { "client", "other-client" })
        {
            var ended = await app.ResourceNotifications.WaitForResourceAsync(
                client, row => KnownResourceStates.TerminalStates.Contains(row.Snapshot.State?.Text), timeout.Token);
            Assert.Equal((client, (int?)0), (client, ended.Snapshot.ExitCode));
        }

        using var operatorsPage = new HttpClient { BaseAddress = app.GetEndpoint("gateway", "metrics") };
        Assert.Contains(
            "xmtp_gateway_messages_originated",
            await operatorsPage.GetStringAsync(new Uri("/metrics", UriKind.Relative), timeout.Token),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_program_of_one_s_own_the_tools_of_the_package_s_version_run()
    {
        var builder = New();
        var xmtp = builder.AddXmtpDevNet("xmtp", nodes: 3).WithArgs("--block-time", "2");
        var gateway = builder.AddXmtpGateway("gateway").WithNetwork(xmtp);

        var network = await ArgumentsAsync(builder, xmtp.Resource);
        Assert.Equal(["tool", "exec", $"Xmtp.Gateway.DevNet@{Version}", "--yes", "--", "--nodes", "3"], network.Take(7));
        Assert.Contains("--block-time", network);
        Assert.Equal(["tool", "exec", $"Xmtp.Gateway.Tool@{Version}", "--yes", "--"], await ArgumentsAsync(builder, gateway.Resource));
        foreach (var resource in new ExecutableResource[] { xmtp.Resource, (ExecutableResource)gateway.Resource })
            Assert.Equal(("dotnet", builder.AppHostDirectory), (resource.Command, resource.WorkingDirectory));
    }

    [Fact]
    public async Task A_client_gets_the_host_under_the_names_that_SDKs_and_programs_read()
    {
        var builder = New();
        var gateway = builder.AddXmtpGateway("gateway").WithNetwork(builder.AddXmtpDevNet("xmtp"));
        var client = builder.AddExecutable("client", "true", ".").WithReference(gateway);
        var variables = await VariablesAsync(builder, client.Resource);
        Assert.Equal("local", variables["XMTP_ENV"]);
        Assert.Equal("{gateway.connectionString}", Text(variables["ConnectionStrings__gateway"]));
        foreach (var name in new[] { "XMTP_GATEWAY_HOST", "GATEWAY_URI" })
            Assert.Equal("{gateway.bindings.http.url}", Text(variables[name]));
    }

    [Fact]
    public async Task A_gateway_of_a_real_network_has_its_payer_and_its_store_and_tells_clients_nothing_of_a_local_one()
    {
        var builder = New();
        var redis = builder.AddConnectionString("store");
        var gateway = builder.AddXmtpGateway("gateway")
            .WithNetwork("testnet", builder.AddParameter("app", secret: true), builder.AddParameter("settlement", secret: true))
            .WithPayer(builder.AddParameter("payer", secret: true))
            .WithRedis(redis);
        var client = builder.AddExecutable("client", "true", ".").WithReference(gateway);
        var variables = await VariablesAsync(builder, gateway.Resource);
        Assert.Equal("testnet", variables["XMTPD_CONTRACTS_ENVIRONMENT"]);
        foreach (var (variable, value) in new[]
        {
            ("XMTPD_APP_CHAIN_RPC_URL", "{app.value}"), ("XMTPD_SETTLEMENT_CHAIN_RPC_URL", "{settlement.value}"),
            ("XMTPD_PAYER_PRIVATE_KEY", "{payer.value}"), ("XMTPD_REDIS_URL", "{store.connectionString}"),
        })
            Assert.Equal(value, Text(variables[variable]));
        Assert.DoesNotContain("XMTP_ENV", (await VariablesAsync(builder, client.Resource)).Keys);
    }

    [Fact]
    public async Task A_payer_of_one_s_own_pays_on_the_local_network_whichever_is_said_first()
    {
        var builder = New();
        var (network, payer) = (builder.AddXmtpDevNet("xmtp"), builder.AddParameter("payer", secret: true));
        foreach (var gateway in new[]
        {
            builder.AddXmtpGateway("one").WithPayer(payer).WithNetwork(network),
            builder.AddXmtpGateway("other").WithNetwork(network).WithPayer(payer),
        })
            Assert.Equal("{payer.value}", Text((await VariablesAsync(builder, gateway.Resource))["XMTPD_PAYER_PRIVATE_KEY"]));
    }

    [Fact]
    public void A_deployment_has_a_container_and_no_local_network()
    {
        var builder = New("--operation", "publish", "--publisher", "manifest");
        var gateway = builder.AddXmtpGateway("gateway").RunAsExecutable("dotnet").PublishAsImage("registry.example.com/xmtp-gateway");
        var image = Assert.Single(gateway.Resource.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal(("registry.example.com/xmtp-gateway", Version), (image.Image, image.Tag));
        Assert.Equal(
            [5050, 5055, 8008],
            gateway.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.TargetPort!.Value).Order());
        var refused = Assert.Throws<DistributedApplicationException>(() => gateway.WithNetwork(builder.AddXmtpDevNet("xmtp")));
        Assert.StartsWith(
            "gateway: the local network 'xmtp' is not deployed; expected WithNetwork(", refused.Message, StringComparison.Ordinal);
    }

    // Where the orchestrator is, is written into the assembly of an application.
    private static IDistributedApplicationBuilder New(params string[] args) => DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions
        {
            Args = ["--DcpPublisher:RandomizePorts", "true", .. args],
            AssemblyName = "Gateway.AppHost",
            DisableDashboard = true,
        });

    private static string Text(object value) => value is IManifestExpressionProvider provider ? provider.ValueExpression : $"{value}";

    private static async Task<IReadOnlyList<string>> ArgumentsAsync(IDistributedApplicationBuilder builder, IResource resource)
    {
        var context = new CommandLineArgsCallbackContext([], resource, Cancel) { ExecutionContext = builder.ExecutionContext };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>()) await annotation.Callback(context);
        return [.. context.Args.Select(Text)];
    }

    private static async Task<IReadOnlyDictionary<string, object>> VariablesAsync(
        IDistributedApplicationBuilder builder, IResource resource)
    {
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>()) await annotation.Callback(context);
        return context.EnvironmentVariables;
    }
}
