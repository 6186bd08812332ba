using Google.Protobuf;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Client envelopes as SDKs send them.</summary>
public static class Envelopes
{
    public static byte[] Id(int size, byte seed = 1) => Enumerable.Range(0, size).Select(i => (byte)(seed + i)).ToArray();

    public static byte[] Topic(TopicKind kind, byte[] identifier) => [(byte)kind, .. identifier];

    public static ClientEnvelope Welcome(byte seed = 1, int size = 100) => new()
    {
        Aad = Aad(TopicKind.WelcomeMessages, Id(32, seed)),
        WelcomeMessage = new WelcomeMessageInput
        {
            V1 = new WelcomeMessageInput.Types.V1
            {
                InstallationKey = ByteString.CopyFrom(Id(32, seed)),
                Data = ByteString.CopyFrom(new byte[size]),
            },
        },
    };

    public static ClientEnvelope KeyPackage(byte seed = 1) => new()
    {
        Aad = Aad(TopicKind.KeyPackages, Id(32, seed)),
        UploadKeyPackage = new UploadKeyPackageRequest
        {
            KeyPackage = new KeyPackageUpload { KeyPackageTlsSerialized = ByteString.CopyFrom(MlsKeyPackage(seed)) },
        },
    };

    public static ClientEnvelope Application(byte seed = 1, int size = 100) => GroupMessage(Mls(2, 1, size), seed);

    public static ClientEnvelope Commit(byte seed = 1, int size = 100) => GroupMessage(Mls(2, 3, size), seed);

    public static ClientEnvelope Identity(byte seed = 1) => new()
    {
        Aad = Aad(TopicKind.IdentityUpdates, Id(32, seed)),
        IdentityUpdate = new IdentityUpdate
        {
            InboxId = Convert.ToHexStringLower(Id(32, seed)),
            ClientTimestampNs = 1,
            Actions =
            {
                new IdentityAction
                {
                    CreateInbox = new CreateInbox { InitialIdentifier = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", Nonce = 1 },
                },
            },
        },
    };

    public static ClientEnvelope GroupMessage(byte[] mls, byte seed = 1, int groupId = 16) => new()
    {
        Aad = Aad(TopicKind.GroupMessages, Id(groupId, seed)),
        GroupMessage = new GroupMessageInput
        {
            V1 = new GroupMessageInput.Types.V1
            {
                Data = ByteString.CopyFrom(mls),
                SenderHmac = ByteString.CopyFrom(Id(32, seed)),
                ShouldPush = true,
            },
        },
    };

    /// <summary>An MLSMessage up to its content type, and zeros behind: format 1 public (sender a member), 2 private.</summary>
    public static byte[] Mls(byte format, byte contentType, int size = 20) =>
    [
        0, 1, 0, format,
        16, .. Id(16),
        .. new byte[8],
        .. format == 1 ? new byte[] { 1, 0, 0, 0, 7, 3, 1, 2, 3 } : [],
        contentType,
        .. new byte[size],
    ];

    /// <summary>The framing of a KeyPackage with a basic credential; its keys and signatures are none.</summary>
    public static byte[] MlsKeyPackage(byte seed = 1) =>
    [
        0, 1, 0, 1,
        32, .. Id(32, seed),
        32, .. Id(32, seed), 32, .. Id(32, seed),
        0, 1, 32, .. Id(32, seed),
        2, 0, 1, 2, 0, 1, 0, 0, 2, 0, 1,
        1, .. new byte[16],
        0, 0x40, 64, .. new byte[64],
        0, 0x40, 64, .. new byte[64],
    ];

    public static PublishClientEnvelopesRequest Request(params ClientEnvelope[] envelopes) => new() { Envelopes = { envelopes } };

    private static AuthenticatedData Aad(
        TopicKind kind, byte[] identifier) => new() { TargetTopic = ByteString.CopyFrom(Topic(kind, identifier)) };
}
