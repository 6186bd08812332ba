extern alias SampleUserFunded;

using Microsoft.AspNetCore.Http;
using SampleUserFunded::Xmtp.Gateway.Samples.UserFunded;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.MultiPayer;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>Users of one login pay as in samples/UserFunded; for all others the rules of the payers file select.</summary>
public sealed class UsersOrRules(UsersPay users) : IPayerSelector
{
    /// <summary>The login whose users pay.</summary>
    public const string Login = "https://users.example";

    public ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken) =>
        call.Features.Get<VerifiedToken>()?.Issuer == Login
            ? users.SelectAsync(caller, call, cancellationToken)
            : ValueTask.FromResult(PayerSelection.ByRules);
}
