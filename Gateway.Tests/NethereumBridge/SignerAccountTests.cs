using System.Text;
using Nethereum.Hex.HexTypes;
using Nethereum.RPC.Eth.DTOs;
using Nethereum.Signer;
using Nethereum.Web3;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Nethereum;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.NethereumBridge;

/// <summary>Our signers as accounts of Nethereum's Web3.</summary>
public sealed class SignerAccountTests(AnvilFixture anvil) : IClassFixture<AnvilFixture>
{
    // r and s begin with a zero byte once in 128 signatures: so many that it happens.
    private const int Signatures = 600;

    private static readonly PrivateKeySigner Signer = DevAccounts.Signer(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(true), InlineData(false)]
    public async Task Web3_sends_money_that_our_signer_signed_for(bool feeMarket)
    {
        var web3 = new Web3(new SignerAccount(Signer, 31337, Cancel), new TransportClient(anvil.Rpc.Transport, Cancel));
        web3.TransactionManager.UseLegacyAsDefault = !feeMarket;
        var to = new EthereumAddress(Enumerable.Repeat((byte)(feeMarket ? 1 : 2), 20).ToArray());

        var receipt = await web3.Eth.GetEtherTransferService()
            .TransferEtherAndWaitForReceiptAsync(to.ToString(), 0.5m, cancellationToken: Cancel);

        Assert.False(receipt.HasErrors());
        Assert.Equal(Signer.Address.ToString(), receipt.From, ignoreCase: true);
        Assert.Equal(new Wei(500_000_000_000_000_000), (await anvil.Rpc.GetBalanceAsync(to, BlockTag.Latest, Cancel)).OrThrow());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Every_transaction_of_an_account_is_read_back_with_its_signer(bool feeMarket)
    {
        var manager = new SignerAccount(Signer, 31337, Cancel).TransactionManager;
        manager.Client = new TransportClient(anvil.Rpc.Transport, Cancel);
        for (var nonce = 0; nonce < Signatures; nonce++)
        {
            var input = new TransactionInput
            {
                From = Signer.Address.ToString(),
                To = DevAccounts.Payer.ToString(),
                Gas = new HexBigInteger(21_000),
                Nonce = new HexBigInteger(nonce),
                Value = new HexBigInteger(1),
            };
            if (feeMarket)
            {
                input.Type = new HexBigInteger(2);
                input.MaxFeePerGas = new HexBigInteger(9);
                input.MaxPriorityFeePerGas = new HexBigInteger(1);
            }
            else
            {
                input.Type = new HexBigInteger(0);
                input.GasPrice = new HexBigInteger(9);
            }

            Assert.True(HexData.TryParse("0x" + await manager.SignTransactionAsync(input), out var raw));

            Assert.True(SignedTransactionReader.TryRead(raw, out var signed), $"nonce {nonce}");
            Assert.Equal((Signer.Address, (ulong)nonce, 31337ul), (signed.Sender, signed.Transaction.Nonce, signed.Transaction.ChainId));
        }
    }

    [Fact]
    public async Task A_message_is_signed_as_wallets_sign_it()
    {
        var account = new SignerAccount(Signer, 31337, Cancel);
        var signature = await account.AccountSigningService.PersonalSign.SendRequestAsync(Encoding.UTF8.GetBytes("hello"));
        Assert.Equal(Signer.Address.ToString(), new EthereumMessageSigner().EncodeUTF8AndEcRecover("hello", signature), ignoreCase: true);
    }
}
