extern alias SampleUserFunded;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using SampleUserFunded::Xmtp.Gateway.Samples.UserFunded;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>How samples/UserFunded asks the service that signs for users.</summary>
public sealed class SigningQueueTests
{
    private static readonly PrivateKeySigner Alice = Payers.Signer(71);
    private static readonly PrivateKeySigner Bob = Payers.Signer(72);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hashes_of_all_users_that_wait_for_a_request_go_together_in_the_next_one()
    {
        await using var service = await WalletSigningService.StartAsync(Alice, Bob);
        using var client = Client(service);
        using var queue = new SigningQueue(client);
        await queue.StartAsync(Cancel);
        var gate = new TaskCompletionSource();
        service.HangUntil(gate.Task);
        var first = SignAsync(queue, Alice, 0);
        await Eventually.IsAsync(() => service.Requests.Count == 1, "the first hash is sent");
        var others = Enumerable.Range(1, 50).Select(i => SignAsync(queue, i % 2 == 0 ? Alice : Bob, (byte)i)).ToList();

        gate.SetResult();

        await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 50], service.Requests.ToArray());
        await queue.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_service_that_fails_is_not_asked_for_the_pause_and_one_request_then_shows_that_it_is_back()
    {
        await using var service = await WalletSigningService.StartAsync(Alice);
        var time = new FakeTimeProvider();
        using var client = Client(service, time);
        using var queue = new SigningQueue(client);
        await queue.StartAsync(Cancel);
        service.Before = _ => throw new InvalidOperationException("the service is broken");
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<HttpRequestException>(() => SignAsync(queue, Alice, 0));

        for (var i = 0; i < 10; i++) await Assert.ThrowsAsync<BrokenCircuitException>(() => SignAsync(queue, Alice, 0));
        Assert.Equal(2, service.Requests.Count);

        time.Advance(Pause);
        await Assert.ThrowsAsync<HttpRequestException>(() => SignAsync(queue, Alice, 0));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => SignAsync(queue, Alice, 0));
        Assert.Equal(3, service.Requests.Count);

        service.Before = _ => Task.CompletedTask;
        time.Advance(Pause);
        for (byte i = 0; i < 3; i++) await SignAsync(queue, Alice, i);
        await queue.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_signature_that_is_not_of_the_wallet_and_one_that_is_refused_are_errors_of_that_user_alone()
    {
        await using var service = await WalletSigningService.StartAsync(Alice);
        using var client = Client(service);
        using var queue = new SigningQueue(client);
        await queue.StartAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => SignAsync(queue, Bob, 0));
        await SignAsync(queue, Alice, 0);

        service.Change = signature => signature[0] ^= 1;
        await Assert.ThrowsAsync<InvalidDataException>(() => SignAsync(queue, Alice, 0));
        service.Change = _ => { };
        await SignAsync(queue, Alice, 0);
        await queue.StopAsync(Cancel);
    }

    private static SigningService Client(WalletSigningService service, TimeProvider? time = null) => new(
        new UserFundedOptions(service.Url, "secret", TimeSpan.FromMinutes(5), Pause, true, new Microdollars(1)),
        time ?? TimeProvider.System,
        NullLogger<SigningService>.Instance);

    // Signs as a user's wallet does, and compares with what the key gives.
    private static async Task SignAsync(SigningQueue queue, PrivateKeySigner key, byte seed)
    {
        var (hash, local, remote) = (Keccak256.Hash([seed]), new byte[65], new byte[65]);
        Assert.True(UserWallet.TryParse(Convert.ToHexStringLower(key.PublicKey.Span), queue, out var wallet));
        await wallet.SignAsync(hash, remote, Cancel);
        key.Sign(hash, local);
        Assert.Equal(local, remote);
    }
}
