using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>Approvals by a signature (EIP-2612), and the deposits that use them.</summary>
public sealed class PermitTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private const string Permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)";
    private const uint Amount = 12_000_000;
    private const ulong Never = ulong.MaxValue;

    private readonly ContractCalls _calls = new(chain.Chain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Tokens => new()
    {
        { nameof(ChainAddresses.FeeToken), "XMTP USD Fee Token" },
        { nameof(ChainAddresses.UnderlyingFeeToken), "Mock USD" },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task A_permit_that_the_owner_signed_approves_once(string token, string name)
    {
        var contract = AddressOf(token);
        var (owner, spender) = (Payers.Signer(70), DevAccounts.Signer(3).Address);
        var nonce = (await NonceAsync(contract, owner.Address)).UInt64(256);
        var signed = await SignAsync(owner, contract, name, spender, nonce, Never);

        await _calls.SendAsync(DevAccounts.Administrator, contract, Permit, Arguments(owner.Address, spender, Never, signed));

        var approved = (await new TokenContract(chain.Rpc, contract).GetAllowanceAsync(owner.Address, spender, Cancel)).OrThrow();
        Assert.Equal(new Microdollars(Amount), approved);
        Assert.Equal(nonce + 1, (await NonceAsync(contract, owner.Address)).UInt64(256));
        var again = await _calls.RefusalAsync(
            DevAccounts.Administrator, contract, Permit, Arguments(owner.Address, spender, Never, signed));
        Assert.Equal(("ERC2612InvalidSigner", "the permit is not signed by the tokens' owner"), again);
    }

    [Fact]
    public async Task A_permit_of_another_signer_or_after_its_deadline_is_refused()
    {
        var (owner, spender) = (Payers.Signer(71).Address, DevAccounts.Signer(3).Address);
        var foreign = await SignAsync(Payers.Signer(72), ChainAddresses.FeeToken, "XMTP USD Fee Token", spender, 0, Never);

        var refused = await _calls.RefusalAsync(
            DevAccounts.Administrator, ChainAddresses.FeeToken, Permit, Arguments(owner, spender, Never, foreign));
        var late = await _calls.RefusalAsync(
            DevAccounts.Administrator, ChainAddresses.FeeToken, Permit, Arguments(owner, spender, 1, foreign));

        Assert.Equal("ERC2612InvalidSigner", refused.Name);
        Assert.Equal(("ERC2612ExpiredSignature", "the permit has expired"), late);
    }

    [Fact]
    public async Task A_deposit_with_a_permit_is_one_transaction_of_the_payer()
    {
        // The chain signs for this account.
        var payer = DevAccounts.Signer(1);
        var (contract, registry) = (ChainAddresses.FeeToken, ChainAddresses.PayerRegistry);
        await MintAsync(contract, payer.Address);
        var balances = new PayerRegistryContract(chain.Rpc, registry);
        var before = (await balances.GetBalanceAsync(payer.Address, Cancel)).OrThrow();
        var held = (await new TokenContract(chain.Rpc, ChainAddresses.FeeToken).GetBalanceAsync(registry, Cancel)).OrThrow();
        var nonce = (await NonceAsync(contract, payer.Address)).UInt64(256);
        var signed = await SignAsync(payer, contract, "XMTP USD Fee Token", registry, nonce, Never);

        var arguments = Signature(new AbiWriter().Address(payer.Address).UInt(Amount), Never, signed);
        await _calls.SendAsync(payer.Address, registry, "depositWithPermit(address,uint96,uint256,uint8,bytes32,bytes32)", arguments);

        Assert.Equal(new Microdollars(before.Value + Amount), (await balances.GetBalanceAsync(payer.Address, Cancel)).OrThrow());
        Assert.Equal(
            new Microdollars(held.Value + Amount),
            (await new TokenContract(chain.Rpc, ChainAddresses.FeeToken).GetBalanceAsync(registry, Cancel)).OrThrow());
        Assert.Equal(default, (await new TokenContract(chain.Rpc, contract).GetAllowanceAsync(payer.Address, registry, Cancel)).OrThrow());
    }

    [Fact]
    public async Task A_deposit_from_stablecoins_is_refused_as_the_real_registry_refuses_it_which_approves_the_fee_token_for_nothing()
    {
        const string Deposit = "depositFromUnderlying(address,uint96)";
        var (payer, registry) = (DevAccounts.Signer(2).Address, ChainAddresses.PayerRegistry);
        await MintAsync(ChainAddresses.UnderlyingFeeToken, payer);
        var deposit = new AbiWriter().Address(payer).UInt(Amount);
        var refused = ("TransferFromFailed", "the sender has not enough tokens, or has not approved them");
        Assert.Equal(refused, await _calls.RefusalAsync(payer, registry, Deposit, deposit));
        await _calls.SendAsync(
            payer, ChainAddresses.UnderlyingFeeToken, "approve(address,uint256)", new AbiWriter().Address(registry).UInt(Amount));

        Assert.Equal(refused, await _calls.RefusalAsync(payer, registry, Deposit, deposit));
    }

    [Fact]
    public async Task Stablecoins_are_wrapped_and_unwrapped()
    {
        var (owner, other) = (DevAccounts.Signer(0), Payers.Signer(73).Address);
        var (stablecoin, feeToken) = (ChainAddresses.UnderlyingFeeToken, ChainAddresses.FeeToken);
        await MintAsync(stablecoin, owner.Address);
        var nonce = (await NonceAsync(stablecoin, owner.Address)).UInt64(256);
        var signed = await SignAsync(owner, stablecoin, "Mock USD", feeToken, nonce, Never);

        await _calls.SendAsync(
            owner.Address,
            feeToken,
            "depositWithPermit(uint256,uint256,uint8,bytes32,bytes32)",
            Signature(new AbiWriter().UInt(Amount), Never, signed));
        await _calls.SendAsync(owner.Address, feeToken, "withdrawTo(address,uint256)", new AbiWriter().Address(other).UInt(Amount));

        Assert.Equal(new Microdollars(Amount), (await new TokenContract(chain.Rpc, stablecoin).GetBalanceAsync(other, Cancel)).OrThrow());
        Assert.Equal(default, (await new TokenContract(chain.Rpc, feeToken).GetBalanceAsync(owner.Address, Cancel)).OrThrow());
        Assert.Equal("ZeroAmount", (await _calls.RefusalAsync(owner.Address, feeToken, "deposit(uint256)", new AbiWriter().UInt(0u))).Name);
    }

    private static EthereumAddress AddressOf(string token) =>
        token == nameof(ChainAddresses.FeeToken) ? ChainAddresses.FeeToken : ChainAddresses.UnderlyingFeeToken;

    private static AbiWriter Arguments(EthereumAddress owner, EthereumAddress spender, ulong deadline, byte[] signature) =>
        Signature(new AbiWriter().Address(owner).Address(spender).UInt(Amount), deadline, signature);

    private static AbiWriter Signature(AbiWriter arguments, ulong deadline, byte[] signature) => arguments
        .UInt(deadline)
        .UInt(27u + signature[64])
        .FixedBytes(signature.AsSpan(0, 32))
        .FixedBytes(signature.AsSpan(32, 32));

    // The typed data is put together here, from the standards, and not asked of the contract.
    private static async Task<byte[]> SignAsync(
        PrivateKeySigner owner, EthereumAddress token, string name, EthereumAddress spender, ulong nonce, ulong deadline)
    {
        var domain = Keccak256.Hash(new AbiWriter()
            .FixedBytes(Keccak256.Hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"u8))
            .FixedBytes(Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(name)))
            .FixedBytes(Keccak256.Hash("1"u8))
            .UInt(31337u)
            .Address(token)
            .ToArray());
        var permit = Keccak256.Hash(new AbiWriter()
            .FixedBytes(Keccak256.Hash("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"u8))
            .Address(owner.Address)
            .Address(spender)
            .UInt(Amount)
            .UInt(nonce)
            .UInt(deadline)
            .ToArray());
        var signature = new byte[65];
        await owner.SignAsync(Keccak256.Hash([0x19, 0x01, .. domain, .. permit]), signature, Cancel);
        return signature;
    }

    private Task<AbiReader> NonceAsync(EthereumAddress token, EthereumAddress owner) =>
        _calls.AskAsync(token, "nonces(address)", new AbiWriter().Address(owner));

    private Task<TransactionReceipt> MintAsync(EthereumAddress token, EthereumAddress to) => _calls.SendAsync(
        DevAccounts.Administrator, token, "mint(address,uint256)", new AbiWriter().Address(to).UInt(Amount));
}
