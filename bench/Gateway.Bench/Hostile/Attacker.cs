using System.Globalization;
using System.Text.Json;

namespace Xmtp.Gateway.Bench.Hostile;

/// <summary>
/// The process that attacks: from the line that says what, an <see cref="AttackOrder"/>, until the next line; then it
/// answers how many attacks have ended.
/// </summary>
internal sealed class Attacker : IBenchCommand
{
    public string Name => "attack";

    public string? Summary => null;

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        HostileTraffic.Prepare();
        Console.Out.WriteLine("ready");
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            var order = JsonSerializer.Deserialize<AttackOrder>(line)!;
            var traffic = new HostileTraffic(order.Url, order.Pause, order.IsForwarded);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var attack = traffic.RunAsync(order.Connections, timeout.Token);
            await Console.In.ReadLineAsync(cancellationToken);
            await timeout.CancelAsync();
            await attack;
            Console.Out.WriteLine(traffic.Attacks.ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }
}

/// <summary>One order to the attacker.</summary>
/// <param name="Url">The gateway.</param>
/// <param name="Connections">Hostile connections of each protocol.</param>
/// <param name="Pause">How long each of them waits between two attacks.</param>
/// <param name="IsForwarded">Whether each claims an address of its own.</param>
internal sealed record AttackOrder(Uri Url, int Connections, TimeSpan Pause, bool IsForwarded);
