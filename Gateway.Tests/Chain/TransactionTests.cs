using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class TransactionTests(AnvilFixture chain) : IClassFixture<AnvilFixture>
{
    private static readonly EthereumAddress Receiver = EthereumAddress.Parse("0x3535353535353535353535353535353535353535");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_example_of_EIP_155_is_signed_as_printed()
    {
        Assert.True(PrivateKeySigner.TryParse(string.Concat(Enumerable.Repeat("46", 32)), out var signer));
        var transaction = new LegacyTransaction
        {
            ChainId = 1,
            Nonce = 9,
            GasPrice = Wei.FromGwei(20),
            GasLimit = 21000,
            To = Receiver,
            Value = Wei.FromEther(1),
        };

        var signed = await transaction.SignAsync(signer, Cancel);

        Assert.Equal(
            "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53", Convert.ToHexStringLower(transaction.SigningHash()));
        Assert.Equal(
            "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
            + "25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
            + "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
            Convert.ToHexStringLower(signed.Raw.Span));
    }

    [Fact]
    public async Task The_chain_takes_a_type_2_transaction_under_the_hash_that_we_computed()
    {
        var signed = await FeeMarket(0).SignAsync(DevAccounts.Signer(0), Cancel);

        var hash = (await chain.Rpc.SendRawTransactionAsync(signed.Raw, Cancel)).OrThrow();
        var receipt = await new DevChain(chain.Rpc).WaitForReceiptAsync(hash, Cancel);
        var info = (await chain.Rpc.GetTransactionAsync(hash, Cancel)).OrThrow();

        Assert.Equal(signed.Hash, hash);
        Assert.True(receipt.Succeeded);
        Assert.Equal(DevAccounts.Signer(0).Address, info!.From);
        Assert.Equal(Receiver, info.To);
    }

    [Fact]
    public async Task The_chain_takes_a_legacy_transaction_under_the_hash_that_we_computed()
    {
        var signer = DevAccounts.Signer(1);
        var signed = await new LegacyTransaction
        {
            ChainId = 31337,
            Nonce = 0,
            GasPrice = Wei.FromGwei(3),
            GasLimit = 30000,
            To = Receiver,
            Data = new byte[] { 0, 1, 128 },
        }.SignAsync(signer, Cancel);

        Assert.Equal(signed.Hash, (await chain.Rpc.SendRawTransactionAsync(signed.Raw, Cancel)).OrThrow());
        await new DevChain(chain.Rpc).WaitForReceiptAsync(signed.Hash, Cancel);
        Assert.Equal(1ul, (await chain.Rpc.GetTransactionCountAsync(signer.Address, BlockTag.Latest, Cancel)).OrThrow());
    }

    [Fact]
    public async Task What_was_signed_is_read_back_with_its_sender()
    {
        var signer = DevAccounts.Signer(2);
        UnsignedTransaction[] transactions =
        [
            FeeMarket(7),
            new LegacyTransaction
            {
                ChainId = 241320162,
                Nonce = 7,
                GasPrice = Wei.FromGwei(1),
                GasLimit = 21000,
                To = null,
                Data = new byte[300],
            },
        ];
        foreach (var transaction in transactions)
        {
            var signed = await transaction.SignAsync(signer, Cancel);

            Assert.True(SignedTransactionReader.TryRead(signed.Raw, out var back));
            Assert.Equal(signer.Address, back.Sender);
            Assert.Equal(signed.Hash, back.Hash);
            Assert.Equal(transaction.ChainId, back.Transaction.ChainId);
            Assert.Equal(transaction.To, back.Transaction.To);
            Assert.Equal(transaction.GasPriceCeiling, back.Transaction.GasPriceCeiling);
        }
    }

    [Fact]
    public async Task Broken_bytes_are_no_transaction()
    {
        var raw = (await FeeMarket(0).SignAsync(DevAccounts.Signer(3), Cancel)).Raw;

        for (var length = 0; length < raw.Length; length++) Assert.False(SignedTransactionReader.TryRead(raw[..length], out _));
        Assert.False(SignedTransactionReader.TryRead(new byte[] { 2, 0xc0 }, out _));
    }

    [Fact]
    public async Task The_chains_refusals_are_distinguished()
    {
        await using var anvil = await Anvil.StartAsync(new AnvilOptions { NoMining = true }, Cancel);
        var signer = DevAccounts.Signer(3);

        var first = await SendAsync(anvil, FeeMarket(0), signer);
        Assert.Null(first);
        Assert.Equal(RpcErrorKind.AlreadyKnown, (await SendAsync(anvil, FeeMarket(0), signer))?.Kind);
        Assert.Equal(RpcErrorKind.Underpriced, (await SendAsync(anvil, FeeMarket(0) with { GasLimit = 40000 }, signer))?.Kind);
        Assert.Null(
            await SendAsync(anvil, FeeMarket(0) with { MaxFeePerGas = Wei.FromGwei(20), MaxPriorityFeePerGas = Wei.FromGwei(2) }, signer));
        await new DevChain(anvil.Rpc).MineAsync(1, Cancel);
        Assert.Equal(RpcErrorKind.NonceTooLow, (await SendAsync(anvil, FeeMarket(0) with { GasLimit = 50000 }, signer))?.Kind);
        Assert.Equal(
            RpcErrorKind.InsufficientFunds, (await SendAsync(anvil, FeeMarket(1) with { Value = Wei.FromEther(20_000) }, signer))?.Kind);
    }

    private static async Task<RpcError?> SendAsync(Anvil anvil, FeeMarketTransaction transaction, PrivateKeySigner signer) =>
        (await anvil.Rpc.SendRawTransactionAsync((await transaction.SignAsync(signer, Cancel)).Raw, Cancel)).Error;

    private static FeeMarketTransaction FeeMarket(ulong nonce) => new()
    {
        ChainId = 31337,
        Nonce = nonce,
        MaxFeePerGas = Wei.FromGwei(10),
        MaxPriorityFeePerGas = Wei.FromGwei(1),
        GasLimit = 21000,
        To = Receiver,
        Value = new Wei(1),
    };
}
