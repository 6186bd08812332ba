namespace Xmtp.Gateway.Bench.Load;

/// <summary>Callers that each wait for an answer before they send again: they find the server's highest rate.</summary>
internal static class ClosedLoop
{
    public static Task RunAsync(LoadWindow window, LoadTarget target, CancellationToken stoppingToken) =>
        Task.WhenAll(
            Enumerable.Range(0, window.Callers)
                .Select(caller => Task.Run(() => CallAsync(caller, window, target, stoppingToken), CancellationToken.None))
                .Concat(
                    Enumerable.Range(0, window.RefusedCallers)
                        .Select(_ => Task.Run(() => BeRefusedAsync(window, target, stoppingToken), CancellationToken.None))));

    private static async Task CallAsync(int caller, LoadWindow window, LoadTarget target, CancellationToken stoppingToken)
    {
        var request = PublishRequest.For(window);
        while (!stoppingToken.IsCancellationRequested) await target.CallAsync(caller, request.Renew());
    }

    private static async Task BeRefusedAsync(LoadWindow window, LoadTarget target, CancellationToken stoppingToken)
    {
        var request = PublishRequest.For(window, refused: true);
        while (!stoppingToken.IsCancellationRequested) await target.BeRefusedAsync(request.Renew());
    }
}
