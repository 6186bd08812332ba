using System.Numerics;
using CsCheck;
using Nethereum.Hex.HexConvertors.Extensions;
using Nethereum.Model;
using Nethereum.Signer;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using OurLegacy = Xmtp.Gateway.Chain.Transactions.LegacyTransaction;

namespace Xmtp.Gateway.Tests.Oracle;

public class TransactionOracleTests
{
    private static readonly Gen<string?> To = Gen.Frequency(
        (4, Generated.Address.Select(address => (string?)address)), (1, Gen.Const((string?)null)));

    private static readonly Gen<FeeMarketTransaction> FeeMarket = Gen.Select(
        Generated.UInt64,
        Generated.UInt64,
        Generated.UInt128,
        Generated.UInt128,
        Generated.UInt64,
        To,
        Generated.UInt128,
        Gen.Byte.Array[0, 400],
        (chainId, nonce, tip, fee, gas, to, value, data) => new FeeMarketTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            MaxPriorityFeePerGas = new Wei(tip),
            MaxFeePerGas = new Wei(fee),
            GasLimit = gas,
            To = to is null ? null : EthereumAddress.Parse(to),
            Value = new Wei(value),
            Data = data,
        });

    // Chain 0 has no name in EIP-155.
    private static readonly Gen<OurLegacy> Legacy = Gen.Select(
        Generated.UInt64.Where(chainId => chainId > 0),
        Generated.UInt64,
        Generated.UInt128,
        Generated.UInt64,
        To,
        Generated.UInt128,
        Gen.Byte.Array[0, 400],
        (chainId, nonce, price, gas, to, value, data) => new OurLegacy
        {
            ChainId = chainId,
            Nonce = nonce,
            GasPrice = new Wei(price),
            GasLimit = gas,
            To = to is null ? null : EthereumAddress.Parse(to),
            Value = new Wei(value),
            Data = data,
        });

    [Fact]
    public Task A_transaction_of_type_2_is_signed_named_and_read_as_by_Nethereum() =>
        Generated.AgreeAsync(Gen.Select(Generated.PrivateKey, FeeMarket), Cases.FeeMarketTransactions, input =>
        {
            var (key, ours) = input;
            var theirs = new Transaction1559(
                ours.ChainId, ours.Nonce, (BigInteger)ours.MaxPriorityFeePerGas.Amount, (BigInteger)ours.MaxFeePerGas.Amount, ours.GasLimit,
                ours.To?.ToString() ?? string.Empty, (BigInteger)ours.Value.Amount, ours.Data.ToArray().ToHex(true), []);

            Assert.Equal(theirs.RawHash, ours.SigningHash());
            Compare(key, ours, new Transaction1559Signer().SignTransaction(key, theirs));
        });

    [Fact]
    public Task A_legacy_transaction_is_signed_named_and_read_as_by_Nethereum() =>
        Generated.AgreeAsync(Gen.Select(Generated.PrivateKey, Legacy), Cases.LegacyTransactions, input =>
        {
            var (key, ours) = input;
            Compare(key, ours, new LegacyTransactionSigner().SignTransaction(
                key,
                ours.ChainId,
                ours.To?.ToString() ?? string.Empty,
                (BigInteger)ours.Value.Amount,
                ours.Nonce,
                (BigInteger)ours.GasPrice.Amount,
                ours.GasLimit,
                ours.Data.ToArray().ToHex(true)));
        });

    [Fact]
    public Task A_transaction_that_was_changed_is_refused_or_is_read_as_exactly_what_it_is() =>
        Generated.AgreeAsync(Gen.Select(
            Generated.PrivateKey,
            Gen.OneOf(
                FeeMarket.Select(transaction => (UnsignedTransaction)transaction),
                Legacy.Select(transaction => (UnsignedTransaction)transaction)),
            Gen.Select(Gen.Int[0, 1000], Gen.Byte).Array[1, 4],
            Gen.Int[0, 3]), Cases.BrokenTransactions, input =>
        {
            var (key, transaction, changes, kind) = input;
            byte[] raw = [.. Sign(key, transaction).Raw.Span];
            // Half of the changes are in the first bytes, where lengths are.
            foreach (var (place, value) in changes) raw[place % (value % 2 == 0 ? raw.Length : Math.Min(raw.Length, 24))] = value;
            if (kind == 0) raw = raw[..(changes[0].Item1 % raw.Length)];
            if (kind == 1) raw = [.. raw, changes[0].Item2];

            if (SignedTransactionReader.TryRead(raw, out var read)) Assert.Equal(raw, read.Raw.ToArray());
        });

    private static void Compare(byte[] key, UnsignedTransaction ours, string theirs)
    {
        var signed = Sign(key, ours);
        Assert.Equal(theirs, Convert.ToHexStringLower(signed.Raw.Span));
        Assert.Equal(TransactionFactory.CreateTransaction(theirs).Hash, signed.Hash.ToArray());
        Assert.Equal(TransactionVerificationAndRecovery.GetSenderAddress(theirs), signed.Sender.ToString());

        Assert.True(SignedTransactionReader.TryRead(theirs.HexToByteArray(), out var read));
        Assert.Equal(signed.Sender, read.Sender);
        Assert.Equal(signed.Hash, read.Hash);
        Assert.Equal(ours with { Data = default }, read.Transaction with { Data = default });
        Assert.Equal(ours.Data.ToArray(), read.Transaction.Data.ToArray());
    }

    private static Xmtp.Gateway.Chain.Transactions.SignedTransaction Sign(byte[] key, UnsignedTransaction transaction)
    {
        Assert.True(PrivateKeySigner.TryParse(Convert.ToHexString(key), out var signer));
        var signature = new byte[65];
        signer.Sign(transaction.SigningHash(), signature);
        return transaction.Seal(signer.Address, signature);
    }
}
