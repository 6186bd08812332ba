using Nethereum.Model;
using Nethereum.Signer;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using OurLegacy = Xmtp.Gateway.Chain.Transactions.LegacyTransaction;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>A signed transaction has the bytes that it was read from, and the sender and the hash that Nethereum finds.</summary>
public sealed class RlpTarget : IFuzzTarget
{
    public string Name => "rlp";

    public string Summary => "a signed transaction in RLP, compared with Nethereum";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("fee-market", Sign(FeeMarket(Bytes.Counted(4)))),
        ("fee-market-long-data", Sign(FeeMarket(Bytes.Counted(200)))),
        ("fee-market-deployment", Sign(FeeMarket([1]) with { To = null, Nonce = 0 })),
        ("legacy", Sign(Legacy(Bytes.Counted(4)))),
        ("legacy-long-data", Sign(Legacy(Bytes.Counted(60)))),
        ("nested-lists", [0x02, .. Enumerable.Repeat((byte)0xc1, 40)]),
        ("long-length", Bytes.Hex("02 fb 7fffffff 01")),
    ];

    public void Run(byte[] input)
    {
        if (!SignedTransactionReader.TryRead(input, out var read)) return;
        Expect.SameBytes(input, read.Raw.Span, "the transaction");
        var hex = Convert.ToHexStringLower(input);
        Expect.SameBytes(TransactionFactory.CreateTransaction(hex).Hash, read.Hash.ToArray(), "the hash");
        Expect.Same(
            EthereumAddress.Parse(TransactionVerificationAndRecovery.GetSenderAddress(hex)), read.Sender, "the sender");
    }

    private static FeeMarketTransaction FeeMarket(byte[] data) => new()
    {
        ChainId = 1,
        Nonce = 300,
        MaxPriorityFeePerGas = new Wei(1),
        MaxFeePerGas = Wei.FromGwei(1),
        GasLimit = 21_000,
        To = new EthereumAddress(Bytes.Counted(20)),
        Value = new Wei(1),
        Data = data,
    };

    private static OurLegacy Legacy(byte[] data) => new()
    {
        ChainId = 1,
        Nonce = 1,
        GasPrice = Wei.FromGwei(1),
        GasLimit = 21_000,
        To = new EthereumAddress(Bytes.Counted(20)),
        Data = data,
    };

    private static byte[] Sign(UnsignedTransaction transaction)
    {
        Expect.That(PrivateKeySigner.TryParse(Convert.ToHexString(Bytes.Counted(32)), out var signer), "the key");
        var signature = new byte[65];
        signer!.Sign(transaction.SigningHash(), signature);
        return [.. transaction.Seal(signer.Address, signature).Raw.Span];
    }
}
