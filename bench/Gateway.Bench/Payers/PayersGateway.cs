using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>The stock gateway as a program would compose it whose first payer has a remote signer.</summary>
internal sealed class PayersGateway : IBenchCommand
{
    private const string Command = "payers-gateway";

    public string Name => Command;

    public string? Summary => null;

    /// <summary>The arguments that start it.</summary>
    /// <param name="service">Where the first payer's key signs.</param>
    /// <param name="payer">The first payer.</param>
    /// <param name="flags">The gateway's flags.</param>
    public static string[] Arguments(Uri service, ISigner payer, IEnumerable<string> flags) =>
        [Command, service.AbsoluteUri, Convert.ToHexStringLower(payer.PublicKey.Span), .. flags];

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        using var signer = new RemoteSigner(new Uri(args[0]), Convert.FromHexString(args[1]));
        var builder = WebApplication.CreateBuilder();
        builder.AddXmtpGateway(args[2..]).UsePayerSigner(PayersFolder.NameOf(ApartStage.Troubled), _ => signer);
        builder.AddServiceDefaults();
        await using var gateway = builder.Build();
        gateway.MapXmtpGateway();
        await gateway.RunAsync(cancellationToken);
        return 0;
    }
}
