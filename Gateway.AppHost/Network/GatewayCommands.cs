using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>The dashboard's commands on the gateway: send a message through it, and let its doctor check everything.</summary>
internal static class GatewayCommands
{
    private const string Publish = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";
    private static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(3);

    /// <summary>Adds the commands.</summary>
    public static IResourceBuilder<ProjectResource> WithDeveloperCommands(this IResourceBuilder<ProjectResource> gateway) => gateway
        .WithRunningCommand("send-message", "Send a message", "Send", context => RunAsync(gateway, SendAsync, context))
        .WithRunningCommand("doctor", "Doctor", "Stethoscope", context => RunAsync(gateway, ExamineAsync, context));

    private static async Task<ExecuteCommandResult> RunAsync(
        IResourceBuilder<ProjectResource> gateway,
        Func<IResourceBuilder<ProjectResource>, CancellationToken, Task<ExecuteCommandResult>> run,
        ExecuteCommandContext context)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        timeout.CancelAfter(MaxTime);
        return await run(gateway, timeout.Token);
    }

    // A welcome for an installation that does not exist: a node takes it, and nobody reads it.
    private static async Task<ExecuteCommandResult> SendAsync(
        IResourceBuilder<ProjectResource> gateway, CancellationToken cancellationToken)
    {
        var installation = RandomNumberGenerator.GetBytes(32);
        var request = new
        {
            envelopes = new[]
            {
                new
                {
                    aad = new { targetTopic = Convert.ToBase64String([1, .. installation]) },
                    welcomeMessage = new
                    {
                        v1 = new { installationKey = Convert.ToBase64String(installation), data = Convert.ToBase64String("hello"u8) },
                    },
                },
            },
        };
        using var http = new HttpClient { BaseAddress = new Uri(gateway.GetEndpoint("web").Url) };
        using var content = new StringContent(JsonSerializer.Serialize(request), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var began = TimeProvider.System.GetTimestamp();
        using var answer = await http.PostAsync(new Uri(Publish, UriKind.Relative), content, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success($"a node took the message, {took:0} ms; its trace is among the traces of the gateway")
            : CommandResults.Failure($"HTTP {(int)answer.StatusCode}: {text}");
    }

    // With the settings of the gateway, and ports that are free beside it.
    private static async Task<ExecuteCommandResult> ExamineAsync(
        IResourceBuilder<ProjectResource> gateway, CancellationToken cancellationToken)
    {
        var configuration = typeof(GatewayCommands).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var project = Path.GetDirectoryName(gateway.Resource.GetProjectMetadata().ProjectPath)!;
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(project, "bin", configuration, "net10.0", "xmtp-gateway.dll"), "doctor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
#pragma warning disable CS0618 // What replaces it evaluates more than the variables.
        foreach (var (name, value) in await gateway.Resource.GetEnvironmentVariableValuesAsync())
#pragma warning restore CS0618
            start.Environment[name] = value;
        start.Environment["XMTPD_API_PORT"] = start.Environment["XMTPD_METRICS_METRICS_PORT"] = "0";
        start.Environment["XMTPD_API_HTTP_PORT"] = "-1";
        using var doctor = Process.Start(start)!;
        try
        {
            var errors = doctor.StandardError.ReadToEndAsync(cancellationToken);
            var report = await doctor.StandardOutput.ReadToEndAsync(cancellationToken);
            await doctor.WaitForExitAsync(cancellationToken);
            var text = report.Length > 0 ? report.Trim() : (await errors).Trim();
            return doctor.ExitCode is 0 or 2 ? CommandResults.Success(text) : CommandResults.Failure(text);
        }
        finally
        {
            if (!doctor.HasExited) doctor.Kill(entireProcessTree: true);
        }
    }
}
