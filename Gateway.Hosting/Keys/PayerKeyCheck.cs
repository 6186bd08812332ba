using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>Checks that there is a signer: the payer's key, unless the program registers one of its own.</summary>
internal sealed partial class PayerKeyCheck(IServiceProvider services, PayerKeySource source, ILogger<PayerKeyCheck> logger) : IStartCheck
{
    /// <summary>The fault of a gateway without any key.</summary>
    public const string Missing = "--payer.private-key (XMTPD_PAYER_PRIVATE_KEY): required, unless the program calls UseSigner; " +
        "expected a secp256k1 private key of 64 hexadecimal digits, with or without 0x, or in its place --payer.private-key-file or " +
        "--payer.keystore-file";

    /// <summary>Safety warnings about the key's files; set when the check has run.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>The address of the key and its source; set when the check has run.</summary>
    public string Found { get; private set; } = "";

    /// <summary>Returns the signer of the payer's key.</summary>
    /// <exception cref="GatewayStartException">No key was given, or no usable one.</exception>
    public static ISigner Signer(IServiceProvider services)
    {
        var source = services.GetRequiredService<PayerKeySource>();
        return source.Key.Signer ?? throw new GatewayStartException(source.Key.Faults is { Count: > 0 } faults ? faults : [Missing]);
    }

    /// <inheritdoc/>
    public string Subject => "payer key";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken) => Task.Run(Run, cancellationToken);

    private IReadOnlyList<string> Run()
    {
        try
        {
            var signer = services.GetRequiredService<ISigner>();
            if (!source.IsRead || !ReferenceEquals(signer, source.Key.Signer))
            {
                source.Erase();
                Found = $"{signer.Address}, by a signer of the program's own";
                return [];
            }

            Warnings = source.Key.Warnings;
            Found = $"{signer.Address}, from {source.Key.Setting}";
            foreach (var warning in Warnings) LogUnsafe(logger, warning);
            return [];
        }
        catch (GatewayStartException exception)
        {
            return exception.Faults;
        }
    }

    [LoggerMessage(EventIds.PayerKeyCheckUnsafe, LogLevel.Warning, "{Warning}")]
    private static partial void LogUnsafe(ILogger logger, string warning);
}
